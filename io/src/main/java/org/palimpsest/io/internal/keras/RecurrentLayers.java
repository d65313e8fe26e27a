package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/**
 * Recurrent layers: keras/src/layers/rnn. Those whose activations PyTorch has are one call of it;
 * others are written step by step, for as many steps as the file tells.
 */
final class RecurrentLayers {

  private static final String SEQUENCES = "sequences|inputs initial_state";
  private static final String SHARED =
      "units activation use_bias return_sequences return_state go_backwards stateful time_major"
          + " implementation";
  private static final String WITHOUT_EFFECT =
      "unroll unit_forget_bias dropout recurrent_dropout seed zero_output_for_mask input_dim input_length use_cudnn";

  static final List<Row> ROWS =
      List.of(
          Row.of("SimpleRNN")
              .takes(SEQUENCES)
              .reads(SHARED)
              .ignores(WITHOUT_EFFECT)
              .means("rnn_tanh, rnn_relu, or step by step")
              .keepsWithin((s, table) -> roles(s, table, ""))
              .differsInTraining()
              .givesAll(call -> run(call, new RecurrentCells.Simple(call))),
          Row.of("LSTM")
              .takes(SEQUENCES)
              .reads(SHARED + " recurrent_activation")
              .ignores(WITHOUT_EFFECT)
              .means("lstm, or step by step; hard_sigmoid by the version")
              .keepsWithin((s, table) -> roles(s, table, RecurrentCells.LongShort.STORED))
              .differsInTraining()
              .givesAll(call -> run(call, new RecurrentCells.LongShort(call))),
          Row.of("GRU")
              .takes(SEQUENCES)
              .reads(SHARED + " recurrent_activation reset_after")
              .ignores(WITHOUT_EFFECT)
              .means("gru with reset_after (the default since TensorFlow 2), or step by step")
              .keepsWithin((s, table) -> roles(s, table, RecurrentCells.Gated.GATES))
              .differsInTraining()
              .givesAll(call -> run(call, new RecurrentCells.Gated(call))),
          convolutional("ConvLSTM1D", 1),
          convolutional("ConvLSTM2D", 2),
          convolutional("ConvLSTM3D", 3),
          Row.of("Bidirectional")
              .takes(SEQUENCES)
              .reads("layer backward_layer merge_mode")
              .ignores("return_sequences return_state stateful go_backwards")
              .means("the layer, and the same or another one backwards")
              .keepsWithin(RecurrentLayers::bothRoles)
              .differsInTraining()
              .givesAll(RecurrentLayers::both));

  /** Each step takes some twenty calls. */
  private static final long MOST_STEPS = 256;

  private RecurrentLayers() {}

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
        .means("conv%sd of each step and of the state, step by step".formatted(axes))
        .keepsWithin(RecurrentLayers::rolesOfConvolutional)
        .differsInTraining()
        .givesAll(call -> run(call, new RecurrentCells.Convolutional(call, axes)));
  }

  /**
   * The arrays of a cell. Keras 1 has those of each gate by themselves, unless it was to save
   * calls.
   *
   * @param gates a letter for each, in the order in which Keras 1 keeps them
   */
  private static List<Role> roles(KerasSettings settings, KnownLayers table, String gates) {
    List<Role> roles = new ArrayList<>();
    if (!gates.isEmpty()
        && table.dialect().major() == 1
        && !settings.text("implementation", "cpu").equals("gpu")) {
      for (String gate : gates.split("")) {
        for (String name : List.of("kernel_", "recurrent_kernel_", "bias_")) {
          roles.add(Role.of(name + gate));
        }
      }
    }
    if (!roles.isEmpty()) {
      return roles;
    }
    for (String name : List.of("kernel", "recurrent_kernel", "bias")) {
      if (!name.equals("bias") || settings.truth("use_bias", true)) {
        roles.add(new Role(name, "cell", true));
      }
    }
    return roles;
  }

  private static List<Role> rolesOfConvolutional(KerasSettings settings, KnownLayers table) {
    if (table.dialect().major() == 1) {
      throw new PalimpsestException(
          "%s is of Keras 1, which kept the arrays of each gate by themselves, and is not read. Load it by Keras 2 and save it again."
              .formatted(settings.owner()));
    }
    return roles(settings, table, "");
  }

  private static List<Tensor> run(Call call, RecurrentCells.Cell cell) {
    call.settings().require("stateful", false);
    call.settings().require("time_major", false);
    boolean backwards = call.settings().truth("go_backwards", false);
    boolean sequences = call.settings().truth("return_sequences", false);
    boolean states = call.settings().truth("return_state", false);
    Tensor given = call.inputs().get(0);
    if (given.rank() < 3) {
      throw call.refused("is called with a tensor of %s axes".formatted(given.rank()));
    }
    Tensor x = backwards ? call.ops().each("flip", given, List.of(1L)) : given;
    List<Tensor> first = cell.begin(x, call.inputs().subList(1, call.inputs().size()));
    RecurrentCells.Run run =
        cell.isOneCall() ? cell.all(x, first) : stepByStep(call, cell, x, first);
    List<Tensor> results = new ArrayList<>();
    results.add(sequences ? run.sequence() : run.states().get(0));
    if (states) {
      results.addAll(run.states());
    }
    return results;
  }

  private static RecurrentCells.Run stepByStep(
      Call call, RecurrentCells.Cell cell, Tensor x, List<Tensor> first) {
    if (!x.isKnown(1) || x.extent(1) < 1 || x.extent(1) > MOST_STEPS) {
      throw call.refused(
          "has activations that PyTorch's own layer has not, and %s steps; up to %s are written one by one"
              .formatted(x.isKnown(1) ? x.extent(1) : "an unknown number of", MOST_STEPS));
    }
    List<Tensor> states = first;
    List<Tensor> results = new ArrayList<>();
    for (long step = 0; step < x.extent(1); step++) {
      states = cell.step(call.ops().at(x, 1, step), states);
      results.add(call.ops().unsqueezed(states.get(0), 1));
    }
    Tensor all = results.size() == 1 ? results.get(0) : call.ops().concatenated(results, 1);
    return new RecurrentCells.Run(all, states);
  }

  private static KerasLayer forward(KerasSettings settings, Dialect dialect) {
    return Configuration.inner(settings.node("layer"), settings.owner(), dialect);
  }

  /** Files of Keras 2 have a layer of its own for the way back only if the user gave one. */
  private static KerasLayer backward(KerasSettings settings, Dialect dialect) {
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

  private static List<Role> bothRoles(KerasSettings settings, KnownLayers table) {
    KerasLayer forward = forward(settings, table.dialect());
    KerasLayer backward = backward(settings, table.dialect());
    List<Role> roles = new ArrayList<>(table.within(forward, "forward/", "forward_layer"));
    roles.addAll(table.within(backward, "backward/", "backward_layer"));
    return roles;
  }

  private static List<Tensor> both(Call call) {
    KerasSettings settings = call.settings();
    KerasLayer forward = forward(settings, call.dialect());
    KerasLayer backward = backward(settings, call.dialect());
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

  /** Layers around another one; what goes on within has no name of its own. */
  static final class Wrappers {

    static final List<Row> ROWS =
        List.of(
            Row.of("TimeDistributed")
                .reads("layer")
                .means(
                    "the layer, not a network, on samples and steps as one axis: reshape before and"
                        + " after")
                .keepsWithin((s, table) -> inner(s, table, "layer"))
                .differsInTraining()
                .gives(Wrappers::distributed),
            Row.of("SpectralNormalization")
                .reads("layer")
                .ignores("power_iterations")
                .means("the layer as it is stored, which is normalised")
                .keepsWithin(Wrappers::spectralRoles)
                .differsInTraining()
                .gives(Wrappers::spectral),
            Row.of("Addons>SpectralNormalization")
                .reads("layer")
                .ignores("power_iterations")
                .means("the layer as it is stored")
                .keepsWithin(Wrappers::spectralRoles)
                .differsInTraining()
                .gives(Wrappers::spectral),
            Row.of("Addons>WeightNormalization")
                .reads("layer data_init trainable")
                .means(
                    "the layer with the kernel g * v / norm(v), the norm over all axes but the last;"
                        + " g is norm(v) where 'initialized' is still false")
                .keepsWithin(Wrappers::normalisedRoles)
                .gives(Wrappers::normalised));

    private static final String GAINS = "g";
    private static final String STARTED = "initialized";

    private Wrappers() {}

    private static KerasLayer layer(KerasSettings settings, KnownLayers table) {
      return Configuration.inner(settings.node("layer"), settings.owner(), table.dialect());
    }

    private static List<Role> inner(KerasSettings settings, KnownLayers table, String place) {
      KerasLayer layer = layer(settings, table);
      requireNoNetwork(layer, settings);
      return table.within(layer, "layer/", place);
    }

    private static void requireNoNetwork(KerasLayer layer, KerasSettings settings) {
      if (layer.network().isPresent() || layer.isOperator()) {
        throw settings.wrong("layer", "a layer, not a network");
      }
    }

    private static Tensor distributed(Call call) {
      JsonNode node = call.settings().node("layer");
      KerasLayer layer = Configuration.inner(node, call);
      Tensor x = call.input();
      if (x.rank() < 3) {
        throw call.refused("is called with a tensor of %s axes".formatted(x.rank()));
      }
      Ops ops = call.ops();
      Argument samples = ops.size(x, 0);
      Argument steps = ops.size(x, 1);
      List<Long> shape = new ArrayList<>(x.shape());
      shape.remove(1);
      shape.set(0, Tensor.UNKNOWN);
      Tensor flat = Tensor.of(ops.call("flatten", x.value(), 0, 1), shape);
      List<Tensor> results = call.within(layer, "layer/", List.of(flat), Map.of());
      if (results.size() != 1) {
        throw call.refused("is around a layer of several results");
      }
      Tensor y = results.get(0);
      Argument sizes = new Argument.Items(Argument.Element.INT, List.of(samples, steps));
      Value value = ops.call("unflatten", y.value(), 0, sizes);
      List<Long> all = new ArrayList<>(y.shape());
      all.set(0, x.extent(0));
      all.add(1, x.extent(1));
      return Tensor.of(value, all);
    }

    /** In files of Keras 3 the kernel is there twice. */
    private static List<Role> spectralRoles(KerasSettings settings, KnownLayers table) {
      List<Role> roles = new ArrayList<>(inner(settings, table, "layer"));
      roles.add(Role.copyOf("kernel"));
      roles.add(Role.fixed("vector_u"));
      return roles;
    }

    private static Tensor spectral(Call call) {
      KerasLayer layer = Configuration.inner(call.settings().node("layer"), call);
      call.array("vector_u");
      if (call.hasArray(Role.copyOf("kernel").name())) {
        call.array(Role.copyOf("kernel").name());
      }
      return call.within(layer, "layer/", call.inputs(), Map.of()).get(0);
    }

    /**
     * The kernel is the wrapper's too; a copy of the layer is kept to begin with the first data.
     */
    private static List<Role> normalisedRoles(KerasSettings settings, KnownLayers table) {
      KerasLayer layer = layer(settings, table);
      requireNoNetwork(layer, settings);
      List<Role> inner = new ArrayList<>(table.roles(layer));
      Role kernel = Role.of("kernel");
      if (!inner.remove(kernel)) {
        throw settings.wrong("layer", "a layer with a kernel that is known to be normalised");
      }
      boolean trained = settings.truth("trainable", true);
      List<Role> roles = new ArrayList<>(List.of(Role.of(GAINS), kernel.within("layer/", "")));
      inner.forEach(role -> roles.add(role.within("layer/", "layer")));
      roles.add(trained ? roles.size() : 2, Role.fixed(STARTED));
      if (settings.truth("data_init", true)) {
        roles.add(new Role(copied(kernel), "_naked_clone_layer", false));
        inner.forEach(role -> roles.add(new Role(copied(role), "_naked_clone_layer", false)));
      }
      return trained
          ? roles
          : roles.stream().map(role -> new Role(role.name(), role.place(), false)).toList();
    }

    private static String copied(Role role) {
      return "copied/" + role.name();
    }

    private static Tensor normalised(Call call) {
      KerasLayer layer = Configuration.inner(call.settings().node("layer"), call);
      call.settings().passOver("trainable");
      boolean started = call.array(STARTED).firstNumber() != 0;
      boolean byData = call.settings().truth("data_init", true);
      if (byData && !started) {
        throw call.refused(
            "was saved before it had seen data, from which it sets its kernel (data_init). Call the"
                + " network once, and save it again");
      }
      if (byData) {
        call.takeAll("copied/");
      }
      Array gains = call.array(GAINS);
      call.replace("layer/kernel", kernel -> kernel.normalised(started ? gains : null));
      return call.within(layer, "layer/", call.inputs(), Map.of()).get(0);
    }
  }
}
