package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * Recurrent layers: keras/src/layers/rnn. Those whose activations PyTorch has are one call of it;
 * others are written step by step, for as many steps as the file tells.
 */
final class Recurrent {

  private static final String SEQUENCES = "sequences|inputs initial_state";
  private static final String SHARED =
      "units activation use_bias return_sequences return_state go_backwards stateful time_major";
  private static final String WITHOUT_EFFECT =
      "unroll unit_forget_bias dropout recurrent_dropout implementation seed zero_output_for_mask"
          + " input_dim input_length use_cudnn";

  static final List<Row> ROWS =
      List.of(
          Row.of("SimpleRNN")
              .takes(SEQUENCES)
              .reads(SHARED)
              .ignores(WITHOUT_EFFECT)
              .means("rnn_tanh, rnn_relu, or step by step")
              .keeps(Recurrent::roles)
              .differsInTraining()
              .givesAll(call -> run(call, new Cells.Simple(call))),
          Row.of("LSTM")
              .takes(SEQUENCES)
              .reads(SHARED + " recurrent_activation")
              .ignores(WITHOUT_EFFECT)
              .means("lstm, or step by step; hard_sigmoid by the version")
              .keeps(Recurrent::roles)
              .differsInTraining()
              .givesAll(call -> run(call, new Cells.LongShort(call))),
          Row.of("GRU")
              .takes(SEQUENCES)
              .reads(SHARED + " recurrent_activation reset_after")
              .ignores(WITHOUT_EFFECT)
              .means("gru with reset_after (the default since TensorFlow 2), or step by step")
              .keeps(Recurrent::roles)
              .differsInTraining()
              .givesAll(call -> run(call, new Cells.Gated(call))),
          convolutional("ConvLSTM1D", 1),
          convolutional("ConvLSTM2D", 2),
          convolutional("ConvLSTM3D", 3),
          Row.of("Bidirectional")
              .takes(SEQUENCES)
              .reads("layer backward_layer merge_mode")
              .ignores("return_sequences return_state stateful go_backwards")
              .means("the layer, and the same or another one backwards")
              .keepsWithin(Recurrent::bothRoles)
              .differsInTraining()
              .givesAll(Recurrent::both));

  /** Each step takes some twenty calls. */
  private static final long MOST_STEPS = 256;

  private Recurrent() {}

  private static Row convolutional(String name, int axes) {
    return Row.of(name)
        .takes(SEQUENCES)
        .reads(
            "filters kernel_size strides padding data_format dilation_rate activation use_bias"
                + " recurrent_activation return_sequences return_state go_backwards stateful"
                + " time_major")
        .ignores(
            "unit_forget_bias dropout recurrent_dropout unroll seed implementation"
                + " zero_output_for_mask")
        .means("conv%dd of each step and of the state, step by step".formatted(axes))
        .keeps(Recurrent::roles)
        .differsInTraining()
        .givesAll(call -> run(call, new Cells.Convolutional(call, axes)));
  }

  private static List<Role> roles(Settings settings) {
    List<Role> roles = new ArrayList<>();
    for (String name : List.of("kernel", "recurrent_kernel", "bias")) {
      if (!name.equals("bias") || settings.truth("use_bias", true)) {
        roles.add(new Role(name, "cell", true));
      }
    }
    return roles;
  }

  private static List<Tensor> run(Call call, Cells.Cell cell) {
    if (call.dialect().major() == 1) {
      throw call.refused("is a recurrent layer of Keras 1, which is not known here");
    }
    call.settings().require("stateful", false);
    call.settings().require("time_major", false);
    boolean backwards = call.settings().truth("go_backwards", false);
    boolean sequences = call.settings().truth("return_sequences", false);
    boolean states = call.settings().truth("return_state", false);
    Tensor given = call.inputs().get(0);
    if (given.rank() < 3) {
      throw call.refused("is called with a tensor of %d axes".formatted(given.rank()));
    }
    Tensor x = backwards ? call.ops().each("flip", given, List.of(1L)) : given;
    List<Tensor> first = cell.begin(x, call.inputs().subList(1, call.inputs().size()));
    Cells.Run run = cell.isOneCall() ? cell.all(x, first) : stepByStep(call, cell, x, first);
    List<Tensor> results = new ArrayList<>();
    results.add(sequences ? run.sequence() : run.states().get(0));
    if (states) {
      results.addAll(run.states());
    }
    return results;
  }

  private static Cells.Run stepByStep(Call call, Cells.Cell cell, Tensor x, List<Tensor> first) {
    if (!x.isKnown(1) || x.extent(1) < 1 || x.extent(1) > MOST_STEPS) {
      throw call.refused(
          "has activations that PyTorch's own layer has not, and %s steps; up to %d are written one by one"
              .formatted(x.isKnown(1) ? x.extent(1) : "an unknown number of", MOST_STEPS));
    }
    List<Tensor> states = first;
    List<Tensor> results = new ArrayList<>();
    for (long step = 0; step < x.extent(1); step++) {
      states = cell.step(call.ops().at(x, 1, step), states);
      results.add(call.ops().unsqueezed(states.get(0), 1));
    }
    Tensor all = results.size() == 1 ? results.get(0) : call.ops().concatenated(results, 1);
    return new Cells.Run(all, states);
  }

  private static Layer forward(Settings settings, Dialect dialect) {
    return Configuration.inner(settings.node("layer"), settings.owner(), dialect);
  }

  /** Files of Keras 2 have a layer of its own for the way back only if the user gave one. */
  private static Layer backward(Settings settings, Dialect dialect) {
    if (settings.has("backward_layer")) {
      return Configuration.inner(settings.node("backward_layer"), settings.owner(), dialect);
    }
    JsonNode copy = settings.node("layer").deepCopy();
    if (copy.path("config") instanceof ObjectNode config) {
      config.put("go_backwards", !config.path("go_backwards").asBoolean(false));
      config.put("name", "backward_" + config.path("name").asText());
    }
    return Configuration.inner(copy, settings.owner(), dialect);
  }

  private static List<Role> bothRoles(Settings settings, LayerTable table) {
    Layer forward = forward(settings, table.dialect());
    Layer backward = backward(settings, table.dialect());
    List<Role> roles = new ArrayList<>(table.within(forward, "forward/", "forward_layer"));
    roles.addAll(table.within(backward, "backward/", "backward_layer"));
    return roles;
  }

  private static List<Tensor> both(Call call) {
    Settings settings = call.settings();
    Layer forward = forward(settings, call.dialect());
    Layer backward = backward(settings, call.dialect());
    settings.passOver("backward_layer");
    requireOpposite(call, forward.config(), backward.config());
    if (call.inputs().size() != 1) {
      throw call.refused("is given states to begin with, which is not known here");
    }
    List<Tensor> there = call.within(forward, "forward/", call.inputs(), Map.of());
    List<Tensor> back = call.within(backward, "backward/", call.inputs(), Map.of());
    boolean sequences = forward.config().path("return_sequences").asBoolean(false);
    Tensor a = there.get(0);
    Tensor b = sequences ? call.ops().each("flip", back.get(0), List.of(1L)) : back.get(0);
    List<Tensor> results = new ArrayList<>(merged(call, a, b));
    results.addAll(there.subList(1, there.size()));
    results.addAll(back.subList(1, back.size()));
    return results;
  }

  /** As Keras requires it. */
  private static void requireOpposite(Call call, JsonNode there, JsonNode back) {
    for (String name : List.of("return_sequences", "return_state", "go_backwards")) {
      boolean same = there.path(name).asBoolean(false) == back.path(name).asBoolean(false);
      if (same == name.equals("go_backwards")) {
        throw call.refused(
            "has layers for the two ways whose '%s' are %s and %s, where Keras asks for %s ones"
                .formatted(
                    name,
                    there.path(name).asBoolean(false),
                    back.path(name).asBoolean(false),
                    same ? "different" : "equal"));
      }
    }
  }

  private static List<Tensor> merged(Call call, Tensor a, Tensor b) {
    Ops ops = call.ops();
    if (call.settings().node("merge_mode").isNull()) {
      return List.of(a, b);
    }
    String mode = call.settings().choice("merge_mode", "concat", "concat", "sum", "mul", "ave");
    return List.of(
        switch (mode) {
          case "sum" -> ops.pairwise("add", a, b);
          case "mul" -> ops.pairwise("mul", a, b);
          case "ave" -> ops.each("div", ops.pairwise("add", a, b), 2.0);
          default -> ops.concatenated(List.of(a, b), a.rank() - 1);
        });
  }

  /** Zeros of a shape behind the samples. */
  static Tensor zeros(Ops ops, Tensor like, List<Argument> shape) {
    List<Argument> all = new ArrayList<>(List.of(ops.size(like, 0)));
    all.addAll(shape);
    Value value = ops.call("new_zeros", like.value(), Ops.list(all));
    List<Long> extents = new ArrayList<>(Collections.singletonList(like.extent(0)));
    shape.forEach(extent -> extents.add(Ops.known(extent)));
    return Tensor.of(value, extents);
  }
}
