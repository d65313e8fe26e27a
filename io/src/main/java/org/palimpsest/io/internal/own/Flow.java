package org.palimpsest.io.internal.own;

import java.util.ArrayList;
import java.util.List;

/**
 * Calls in an order in which the channels fit.
 *
 * @param given the values from outside, the first of which the first call takes
 * @param cost the less, the likelier
 */
record Flow(List<Value> given, List<Call> calls, int cost) {

  enum Mode {
    /** Takes what the call before gave, and of what is joined inside it the values beside. */
    DIRECT,
    /** Takes several values, channels side by side. */
    JOINED,
    /** Takes an earlier value; what it gives is added to what the call before gave. */
    ADDED,
    /** Takes an earlier value. */
    BRANCH,
    UNFIT
  }

  /**
   * What a call gave, or was given.
   *
   * @param index it is told by
   * @param path of the module that gave it, or a name of its own
   */
  record Value(int index, long channels, List<String> path) {}

  /**
   * @param from the values that are taken, in order
   * @param result after a sum, if there is one
   */
  record Call(ModuleReading part, Mode mode, List<Value> from, Value before, Value result) {}

  /** The channels of the values from outside. */
  List<Long> takes() {
    return given.stream().map(Value::channels).toList();
  }

  long gives() {
    return calls.get(calls.size() - 1).result().channels();
  }

  /** Calls one after the other. */
  static Flow chain(ModuleReading chain) {
    List<Call> calls = new ArrayList<>();
    Value given = new Value(0, chain.takes().get(0), List.of("input"));
    Value value = given;
    for (ModuleReading part : chain.parts()) {
      long channels = part.gives() > 0 ? part.gives() : value.channels();
      Value result = new Value(calls.size() + 1, channels, part.module().path());
      calls.add(new Call(part, Mode.DIRECT, List.of(value), value, result));
      value = result;
    }
    return new Flow(List.of(given), calls, 0);
  }
}
