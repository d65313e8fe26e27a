package org.palimpsest.io.internal.keras;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

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
          Row.of("EinsumDense")
              .reads("equation output_shape bias_axes activation quantization_config")
              .means("einsum, add")
              .keeps(s -> Role.list("kernel", s.node("bias_axes").isNull() ? "" : "bias"))
              .gives(DenseLayers::summed),
          Row.of("Embedding")
              .reads("input_dim output_dim mask_zero quantization_config")
              .ignores("input_length weights dropout")
              .means("embedding of the input as integers")
              .keeps("embeddings")
              .gives(DenseLayers::embedded));

  private static final Pattern EQUATION = Pattern.compile("([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)");

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

  /** The first letter stands for the samples, on both sides. */
  private static Tensor summed(Call call) {
    Settings settings = call.settings();
    settings.require("quantization_config");
    settings.passOver("output_shape");
    String equation = settings.text("equation", "").replace(" ", "");
    Matcher sides = EQUATION.matcher(equation);
    Tensor x = call.input();
    Array kernel = call.array("kernel");
    if (!sides.matches()
        || sides.group(1).charAt(0) != sides.group(3).charAt(0)
        || sides.group(2).indexOf(sides.group(1).charAt(0)) >= 0
        || sides.group(1).length() != x.rank()
        || sides.group(2).length() != kernel.rank()) {
      throw settings.wrong("equation", "an equation that keeps the samples, such as ab,bc->ac,");
    }
    List<Long> shape = new ArrayList<>();
    for (char axis : sides.group(3).toCharArray()) {
      int own = sides.group(1).indexOf(axis);
      shape.add(own >= 0 ? x.extent(own) : kernel.extent(sides.group(2).indexOf(axis)));
    }
    Ops ops = call.ops();
    Value weight = call.parameter("weight", kernel);
    Tensor y = Tensor.of(ops.call("einsum", equation, Argument.tensors(x.value(), weight)), shape);
    boolean biased = !settings.node("bias_axes").isNull();
    return call.activated(
        biased ? ops.alike(y, "add", y.value(), call.parameter("bias", call.array("bias"))) : y);
  }

  private static Tensor embedded(Call call) {
    Settings settings = call.settings();
    settings.require("mask_zero", false);
    settings.require("quantization_config");
    long width = settings.count("output_dim");
    Array table = call.array("embeddings", settings.count("input_dim"), width);
    Tensor x = call.input();
    Value places =
        call.ops().graph().operator("to").with(x.value(), ElementType.INT64, false, false).value();
    List<Long> shape = new ArrayList<>(x.shape());
    shape.add(width);
    return Tensor.of(call.ops().call("embedding", call.parameter("weight", table), places), shape);
  }
}
