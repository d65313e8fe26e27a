package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.Value;

/** What recurrent layers do in one step. */
final class RecurrentCells {

  /**
   * All steps of a layer.
   *
   * @param sequence what each step gives
   * @param states after the last step, what it gives first
   */
  record Run(Tensor sequence, List<Tensor> states) {}

  private RecurrentCells() {}

  /** A cell of a recurrent layer. */
  abstract static class Cell {

    final Call call;
    final Ops ops;

    Cell(Call call) {
      this.call = call;
      this.ops = call.ops();
    }

    /** Whether PyTorch runs all steps by itself. */
    abstract boolean isOneCall();

    /** All steps by PyTorch itself. */
    abstract Run all(Tensor x, List<Tensor> states);

    /** What the states are after one step more. */
    abstract List<Tensor> step(Tensor x, List<Tensor> states);

    /** The states before the first step. */
    abstract List<Tensor> begin(Tensor x, List<Tensor> given);

    String function(String setting, String otherwise) {
      JsonNode node = call.settings().node(setting);
      return node.isNull() ? "linear" : node.isTextual() ? node.textValue() : otherwise;
    }

    Tensor activation(String setting, Tensor x) {
      return KerasActivations.apply(call, call.settings().node(setting), x);
    }

    boolean usesBias() {
      return call.settings().truth("use_bias", true);
    }
  }

  /** A cell of vectors. */
  abstract static class Dense extends Cell {

    final long units;
    final int gates;
    final int states;
    private final String letters;

    /**
     * @param letters what Keras 1 calls the gates
     */
    Dense(Call call, String letters, int states) {
      super(call);
      call.settings().passOver("implementation");
      this.units = call.settings().count("units");
      this.letters = letters;
      this.gates = Math.max(1, letters.length());
      this.states = states;
    }

    @Override
    List<Tensor> begin(Tensor x, List<Tensor> given) {
      if (!given.isEmpty() && given.size() != states || x.rank() != 3) {
        throw call.refused(
            "is called with a tensor of %s axes and %s states".formatted(x.rank(), given.size()));
      }
      requireShapes(x.extent(2));
      return given.isEmpty()
          ? Collections.nCopies(states, RecurrentLayers.zeros(ops, x, List.of(Ops.number(units))))
          : given;
    }

    /** Letters of the gates whose arrays lie by themselves, as in Keras 1. */
    private List<String> apart() {
      return call.hasArray("kernel") ? List.of() : List.of(letters.split(""));
    }

    private void requireShapes(long in) {
      if (call.hasArray("kernel")) {
        call.array("kernel", in, gates * units);
        call.array("recurrent_kernel", units, gates * units);
      }
      for (String gate : apart()) {
        call.array("kernel_" + gate, in, units);
        call.array("recurrent_kernel_" + gate, units, units);
      }
    }

    /** A kernel (in, gates*units) as PyTorch has it. */
    Value weight(String role, String name) {
      List<Value> parts = new ArrayList<>();
      for (String gate : apart()) {
        Array part = call.array(role + "_" + gate).permuted(List.of(1, 0));
        parts.add(call.parameter(name + "_" + gate, part));
      }
      return parts.isEmpty()
          ? call.parameter(name, call.array(role).permuted(List.of(1, 0)))
          : ops.call("cat", Argument.tensors(parts), 0);
    }

    Value input() {
      return weight("kernel", "weight_ih_l0");
    }

    Value recurrent() {
      return weight("recurrent_kernel", "weight_hh_l0");
    }

    Optional<Value> bias() {
      if (!usesBias()) {
        return Optional.empty();
      }
      List<Value> parts = new ArrayList<>();
      for (String gate : apart()) {
        parts.add(call.parameter("bias_ih_l0_" + gate, call.array("bias_" + gate, units)));
      }
      return Optional.of(
          parts.isEmpty()
              ? call.parameter("bias_ih_l0", call.array("bias", gates * units))
              : ops.call("cat", Argument.tensors(parts), 0));
    }

    Tensor product(Tensor x, Value weight, Optional<Value> bias) {
      return Tensor.of(
          ops.call("linear", x.value(), weight, bias.orElse(null)),
          List.of(x.extent(0), gates * units));
    }

    Tensor gate(Tensor all, int number) {
      return ops.part(all, 1, Ops.number(number * units), Ops.number((number + 1) * units));
    }

    /** A call of PyTorch's layer. */
    Run all(String operator, Tensor x, List<Tensor> first, List<Value> weights) {
      List<Value> begin =
          first.stream().map(state -> ops.call("unsqueeze", state.value(), 0)).toList();
      Object hidden = states == 1 ? begin.get(0) : Argument.tensors(begin);
      List<Value> results =
          ops.graph()
              .operator(operator)
              .with(x.value(), hidden, Argument.tensors(weights), usesBias())
              .with(1, 0.0, false, false, true)
              .values(1 + states);
      List<Tensor> last = new ArrayList<>();
      for (int i = 0; i < states; i++) {
        last.add(
            Tensor.of(ops.call("select", results.get(1 + i), 0, 0), List.of(x.extent(0), units)));
      }
      return new Run(Tensor.of(results.get(0), List.of(x.extent(0), x.extent(1), units)), last);
    }

    List<Value> weights() {
      List<Value> all = new ArrayList<>(List.of(input(), recurrent()));
      bias()
          .ifPresent(
              bias -> {
                all.add(bias);
                all.add(ops.call("zeros_like", bias));
              });
      return all;
    }
  }

  /** h = activation(x K + h R + b). */
  static final class Simple extends Dense {

    Simple(Call call) {
      super(call, "", 1);
    }

    @Override
    boolean isOneCall() {
      String function = function("activation", "");
      return function.equals("tanh") || function.equals("relu");
    }

    @Override
    Run all(Tensor x, List<Tensor> first) {
      return all("rnn_" + function("activation", ""), x, first, weights());
    }

    @Override
    List<Tensor> step(Tensor x, List<Tensor> states) {
      Tensor sum =
          ops.pairwise(
              "add",
              product(x, input(), bias()),
              product(states.get(0), recurrent(), Optional.empty()));
      return List.of(activation("activation", sum));
    }
  }

  /** Gates in the order input, forget, candidate, output: PyTorch's. */
  static final class LongShort extends Dense {

    private static final String GATES = "ifco";

    /** The order in which Keras 1 keeps them. */
    static final String STORED = "icfo";

    LongShort(Call call) {
      super(call, GATES, 2);
    }

    @Override
    boolean isOneCall() {
      return function("activation", "").equals("tanh")
          && function("recurrent_activation", "").equals("sigmoid");
    }

    @Override
    Run all(Tensor x, List<Tensor> first) {
      return all("lstm", x, first, weights());
    }

    @Override
    List<Tensor> step(Tensor x, List<Tensor> states) {
      Tensor sum =
          ops.pairwise(
              "add",
              product(x, input(), bias()),
              product(states.get(0), recurrent(), Optional.empty()));
      Tensor in = activation("recurrent_activation", gate(sum, 0));
      Tensor kept = activation("recurrent_activation", gate(sum, 1));
      Tensor candidate = activation("activation", gate(sum, 2));
      Tensor out = activation("recurrent_activation", gate(sum, 3));
      Tensor cell =
          ops.pairwise(
              "add", ops.pairwise("mul", kept, states.get(1)), ops.pairwise("mul", in, candidate));
      return List.of(ops.pairwise("mul", out, activation("activation", cell)), cell);
    }
  }

  /** Gates in the order update, reset, candidate, where PyTorch has reset, update, candidate. */
  static final class Gated extends Dense {

    static final String GATES = "zrh";

    private final boolean resetAfter;

    Gated(Call call) {
      super(call, GATES, 1);
      this.resetAfter = call.settings().truth("reset_after", false);
    }

    @Override
    boolean isOneCall() {
      return resetAfter
          && function("activation", "").equals("tanh")
          && function("recurrent_activation", "").equals("sigmoid");
    }

    @Override
    Optional<Value> bias() {
      return resetAfter ? ofBoth(0) : super.bias();
    }

    /** The bias of the input, or that of the state. */
    private Optional<Value> ofBoth(int which) {
      if (!usesBias()) {
        return Optional.empty();
      }
      Array both = call.array("bias", 2, 3 * units);
      String name = which == 0 ? "bias_ih_l0" : "bias_hh_l0";
      return Optional.of(call.parameter(name, both.at(0, which)));
    }

    private Value reordered(Value gated) {
      List<Value> parts = new ArrayList<>();
      for (long gate : new long[] {1, 0, 2}) {
        parts.add(ops.call("narrow", gated, 0, gate * units, units));
      }
      return ops.call("cat", Argument.tensors(parts), 0);
    }

    @Override
    Run all(Tensor x, List<Tensor> first) {
      List<Value> all = new ArrayList<>(List.of(reordered(input()), reordered(recurrent())));
      ofBoth(0).ifPresent(bias -> all.add(reordered(bias)));
      ofBoth(1).ifPresent(bias -> all.add(reordered(bias)));
      return all("gru", x, first, all);
    }

    @Override
    List<Tensor> step(Tensor x, List<Tensor> states) {
      Tensor state = states.get(0);
      Tensor own = product(x, input(), bias());
      Tensor past = product(state, recurrent(), resetAfter ? ofBoth(1) : Optional.empty());
      Tensor update =
          activation("recurrent_activation", ops.pairwise("add", gate(own, 0), gate(past, 0)));
      Tensor reset =
          activation("recurrent_activation", ops.pairwise("add", gate(own, 1), gate(past, 1)));
      Tensor remembered;
      if (resetAfter) {
        remembered = ops.pairwise("mul", reset, gate(past, 2));
      } else {
        Tensor some = ops.pairwise("mul", reset, state);
        remembered = gate(product(some, recurrent(), Optional.empty()), 2);
      }
      Tensor candidate = activation("activation", ops.pairwise("add", gate(own, 2), remembered));
      Tensor rest = ops.each("rsub", update, 1.0);
      return List.of(
          ops.pairwise(
              "add", ops.pairwise("mul", update, state), ops.pairwise("mul", rest, candidate)));
    }
  }

  /** An LSTM whose products are convolutions; the state is padded to stay as large as it is. */
  static final class Convolutional extends Cell {

    private final int axes;
    private final long filters;
    private final boolean last;
    private final Spatial.Window window;
    private final Spatial.Window ofState;

    Convolutional(Call call, int axes) {
      super(call);
      KerasSettings settings = call.settings();
      this.axes = axes;
      this.filters = settings.count("filters");
      this.last = call.channelsLast();
      List<Long> ones = Collections.nCopies(axes, 1L);
      List<Long> size = settings.counts("kernel_size", axes, 1);
      boolean same = settings.choice("padding", "valid", "valid", "same").equals("same");
      this.window =
          new Spatial.Window(
              size,
              settings.counts("strides", axes, 1),
              settings.counts("dilation_rate", axes, 1),
              same,
              false);
      this.ofState = new Spatial.Window(size, ones, ones, true, false);
      if (call.dialect().turnsKernels() || call.dialect().major() == 1) {
        throw call.refused("is a convolution of Theano, or of Keras 1, that is not known here");
      }
    }

    @Override
    boolean isOneCall() {
      return false;
    }

    @Override
    Run all(Tensor x, List<Tensor> states) {
      throw new IllegalStateException("PyTorch has no such layer");
    }

    @Override
    List<Tensor> begin(Tensor x, List<Tensor> given) {
      if (!given.isEmpty() || x.rank() != axes + 3) {
        throw call.refused(
            "is called with a tensor of %s axes and %s states".formatted(x.rank(), given.size()));
      }
      Tensor one = Spatial.channelsSecond(ops, ops.at(x, 1, 0), last);
      Tensor like = convolved(one, "kernel", window, one.extent(1), Optional.empty());
      Tensor part = ops.part(like, 1, Ops.number(0), Ops.number(filters));
      Tensor zeros = Spatial.asKeras(ops, ops.each("zeros_like", part), last);
      return List.of(zeros, zeros);
    }

    private Tensor convolved(
        Tensor x, String role, Spatial.Window over, long in, Optional<Value> bias) {
      List<Long> shape = new ArrayList<>(over.size());
      shape.add(in);
      shape.add(4 * filters);
      List<Integer> order = new ArrayList<>(List.of(axes + 1, axes));
      order.addAll(IntStream.range(0, axes).boxed().toList());
      Array kernel =
          call.array(role, shape.stream().mapToLong(Long::longValue).toArray()).permuted(order);
      Tensor padded = Spatial.padded(ops, x, over, 0.0);
      Value value =
          ops.call(
              "conv%sd".formatted(axes),
              padded.value(),
              call.parameter(role.equals("kernel") ? "weight_ih" : "weight_hh", kernel),
              bias.orElse(null),
              over.strides(),
              Collections.nCopies(axes, 0L),
              over.dilation(),
              1);
      return Tensor.of(value, Spatial.passed(padded, over, 4 * filters));
    }

    private Tensor gate(Tensor all, int number) {
      return ops.part(all, 1, Ops.number(number * filters), Ops.number((number + 1) * filters));
    }

    @Override
    List<Tensor> step(Tensor given, List<Tensor> states) {
      Tensor x = Spatial.channelsSecond(ops, given, last);
      Tensor state = Spatial.channelsSecond(ops, states.get(0), last);
      Tensor cell = Spatial.channelsSecond(ops, states.get(1), last);
      Optional<Value> bias =
          usesBias()
              ? Optional.of(call.parameter("bias", call.array("bias", 4 * filters)))
              : Optional.empty();
      Tensor sum =
          ops.pairwise(
              "add",
              convolved(x, "kernel", window, x.extent(1), bias),
              convolved(state, "recurrent_kernel", ofState, filters, Optional.empty()));
      Tensor in = activation("recurrent_activation", gate(sum, 0));
      Tensor kept = activation("recurrent_activation", gate(sum, 1));
      Tensor fresh = activation("activation", gate(sum, 2));
      Tensor out = activation("recurrent_activation", gate(sum, 3));
      Tensor next =
          ops.pairwise("add", ops.pairwise("mul", kept, cell), ops.pairwise("mul", in, fresh));
      Tensor result = ops.pairwise("mul", out, activation("activation", next));
      return List.of(Spatial.asKeras(ops, result, last), Spatial.asKeras(ops, next, last));
    }
  }
}
