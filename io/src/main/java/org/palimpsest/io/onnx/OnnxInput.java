package org.palimpsest.io.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * What is put into a graph.
 *
 * @param name its name
 * @param type the name of its elements' type, or empty
 * @param extents its shape: numbers, names of what may vary, or {@code ?}; empty if not told
 */
record OnnxInput(String name, String type, List<String> extents) {

  private static final int NAME = 1;
  private static final int TYPE = 2;
  private static final int TENSOR_TYPE = 1;
  private static final int ELEMENT = 1;
  private static final int SHAPE = 2;
  private static final int DIMENSION = 1;
  private static final int EXTENT = 1;
  private static final int EXTENT_NAME = 2;

  static OnnxInput read(ProtoReader value) {
    String name = "";
    OnnxInput typed = new OnnxInput("", "", List.of());
    for (int field = value.nextField(); field != 0; field = value.nextField()) {
      switch (field) {
        case NAME -> name = value.text();
        case TYPE -> typed = readType(value.message());
        default -> value.skip();
      }
    }
    return new OnnxInput(name, typed.type(), typed.extents());
  }

  private static OnnxInput readType(ProtoReader type) {
    String element = "";
    List<String> extents = new ArrayList<>();
    for (int field = type.nextField(); field != 0; field = type.nextField()) {
      if (field != TENSOR_TYPE) {
        type.skip();
        continue;
      }
      ProtoReader tensor = type.message();
      for (int part = tensor.nextField(); part != 0; part = tensor.nextField()) {
        switch (part) {
          case ELEMENT -> element = OnnxTensorInfo.typeName((int) tensor.varint());
          case SHAPE -> readShape(tensor.message(), extents);
          default -> tensor.skip();
        }
      }
    }
    return new OnnxInput("", element, List.copyOf(extents));
  }

  private static void readShape(ProtoReader shape, List<String> extents) {
    for (int field = shape.nextField(); field != 0; field = shape.nextField()) {
      if (field != DIMENSION) {
        shape.skip();
        continue;
      }
      ProtoReader dimension = shape.message();
      String extent = "?";
      for (int part = dimension.nextField(); part != 0; part = dimension.nextField()) {
        switch (part) {
          case EXTENT -> extent = String.valueOf(dimension.varint());
          case EXTENT_NAME -> extent = dimension.text();
          default -> dimension.skip();
        }
      }
      extents.add(extent);
    }
  }

  @Override
  public String toString() {
    String told = type.isEmpty() ? name : name + " (" + type;
    return type.isEmpty()
        ? told
        : told + (extents.isEmpty() ? "" : " [" + String.join(", ", extents) + "]") + ")";
  }
}
