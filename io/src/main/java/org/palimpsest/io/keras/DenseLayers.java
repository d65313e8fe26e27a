package org.palimpsest.io.keras;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.graph.Value;

/** Dense layers and embeddings: keras/src/layers/core. */
final class DenseLayers {

  static final List<Row> ROWS =
      List.of(
          Row.of("Dense")
              .reads("units use_bias activation quantization_config")
              .ignores("input_dim input_length weights")
              .means("linear on the last axis; kernel (in, out) → (out, in)")
              .keeps(s -> Role.list("kernel", s.truth("use_bias", true) ? "bias" : ""))
              .gives(DenseLayers::dense),
          Row.of("Embedding")
              .reads("input_dim output_dim mask_zero quantization_config")
              .ignores("input_length weights dropout")
              .means("embedding of the input as integers")
              .keeps("embeddings")
              .gives(DenseLayers::embedded));

  private DenseLayers() {}

  private static Tensor dense(Call call) {
    Settings settings = call.settings();
    settings.require("quantization_config");
    long units = settings.count("units");
    Tensor x = call.input();
    int last = x.rank() - 1;
    Array kernel = call.array("kernel", x.extent(last), units).permuted(List.of(1, 0));
    @Nullable Value bias =
        settings.truth("use_bias", true) ? call.parameter("bias", call.array("bias", units)) : null;
    Value value = call.ops().call("linear", x.value(), call.parameter("weight", kernel), bias);
    return call.activated(Tensor.of(value, x.shapeWith(last, units)));
  }

  private static Tensor embedded(Call call) {
    Settings settings = call.settings();
    settings.require("mask_zero", false);
    settings.require("quantization_config");
    long width = settings.count("output_dim");
    Array table = call.array("embeddings", settings.count("input_dim"), width);
    Tensor x = call.input();
    Value places =
        call.ops()
            .graph()
            .operator("to")
            .with(x.value(), org.palimpsest.io.binary.ElementType.INT64, false, false)
            .value();
    List<Long> shape = new java.util.ArrayList<>(x.shape());
    shape.add(width);
    return Tensor.of(call.ops().call("embedding", call.parameter("weight", table), places), shape);
  }
}
