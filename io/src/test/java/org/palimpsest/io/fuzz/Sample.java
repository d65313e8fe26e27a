package org.palimpsest.io.fuzz;

import java.util.Map;

/**
 * A sound file, and what is right to read of it; or one with a lie, of which it is right to read
 * nothing.
 *
 * @param bytes its content
 * @param ending of its name
 * @param tensors the tensors that it holds, by name; a file with one has it under any name
 * @param mayBeRefused whether a refusal is right as well
 */
record Sample(byte[] bytes, String ending, Map<String, Tensor> tensors, boolean mayBeRefused) {

  /** The values of a tensor in C order, and its shape. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Tensor(double[] values, long[] shape) {}

  /** A file that is to be refused. */
  static Sample lie(byte[] bytes, String ending) {
    return new Sample(bytes, ending, Map.of("", new Tensor(new double[0], new long[0])), true);
  }

  boolean isLie() {
    return tensors.values().stream().allMatch(tensor -> tensor.values().length == 0);
  }
}
