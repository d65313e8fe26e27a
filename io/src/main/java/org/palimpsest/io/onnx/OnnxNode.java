package org.palimpsest.io.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * One operation of a graph.
 *
 * @param name its name, or empty
 * @param operation such as {@code Conv}
 * @param inputs the names of the values it takes; an empty one is left out
 * @param outputs the names of the values it gives; an empty one is left out
 * @param transposesWeight whether a {@code Gemm} takes its weight as {@code (out, in)}
 */
record OnnxNode(
    String name,
    String operation,
    List<String> inputs,
    List<String> outputs,
    boolean transposesWeight) {

  private static final int INPUT = 1;
  private static final int OUTPUT = 2;
  private static final int NAME = 3;
  private static final int OPERATION = 4;
  private static final int ATTRIBUTE = 5;
  private static final int ATTRIBUTE_NAME = 1;
  private static final int ATTRIBUTE_INTEGER = 3;

  static OnnxNode read(ProtoReader in) {
    String name = "";
    String operation = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    boolean transposed = false;
    for (int field = in.nextField(); field != 0; field = in.nextField()) {
      switch (field) {
        case INPUT -> inputs.add(in.text());
        case OUTPUT -> outputs.add(in.text());
        case NAME -> name = in.text();
        case OPERATION -> operation = in.text();
        case ATTRIBUTE -> transposed |= isTransB(in.message());
        default -> in.skip();
      }
    }
    return new OnnxNode(name, operation, List.copyOf(inputs), List.copyOf(outputs), transposed);
  }

  private static boolean isTransB(ProtoReader in) {
    String name = "";
    long integer = 0;
    for (int field = in.nextField(); field != 0; field = in.nextField()) {
      switch (field) {
        case ATTRIBUTE_NAME -> name = in.text();
        case ATTRIBUTE_INTEGER -> integer = in.varint();
        default -> in.skip();
      }
    }
    return name.equals("transB") && integer != 0;
  }

  /** Whether its answers tell only of shapes, never of values. */
  boolean tellsOnlyShapes() {
    return operation.equals("Shape") || operation.equals("Size");
  }
}
