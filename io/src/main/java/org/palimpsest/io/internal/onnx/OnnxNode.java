package org.palimpsest.io.internal.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One operation of a graph.
 *
 * @param name its name, or empty
 * @param operation such as {@code Conv}
 * @param domain whose operation it is; empty for ONNX's own
 * @param inputs the names of the values it takes; an empty one is left out
 * @param outputs the names of the values it gives; an empty one is left out
 * @param integers its attributes that are integers, by name
 * @param lists those that are lists of integers, by name; of long ones there is no more than the
 *     beginning
 * @param mode its attribute of that name, or empty
 * @param constant what a {@code Constant} gives, if that is a tensor of numbers
 * @param bodies the graphs within it
 * @param scopes the modules that the exporter made it for, outermost first, and what it is in the
 *     innermost; empty if the file does not tell
 * @param classes those of these modules, and PyTorch's own operation; empty if the file does not
 *     tell
 */
public record OnnxNode(
    String name,
    String operation,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Long> integers,
    Map<String, List<Long>> lists,
    String mode,
    @Nullable OnnxTensorInfo constant,
    List<OnnxGraph> bodies,
    List<String> scopes,
    List<String> classes) {

  private static final int INPUT = 1;
  private static final int OUTPUT = 2;
  private static final int NAME = 3;
  private static final int OPERATION = 4;
  private static final int ATTRIBUTE = 5;
  private static final int DOMAIN = 7;
  private static final int METADATA = 9;
  private static final String SCOPES = "pkg.torch.onnx.name_scopes";
  private static final String CLASSES = "pkg.torch.onnx.class_hierarchy";

  public OnnxNode {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    integers = Map.copyOf(integers);
    lists = Map.copyOf(lists);
    bodies = List.copyOf(bodies);
    scopes = List.copyOf(scopes);
    classes = scopes.size() == classes.size() ? List.copyOf(classes) : List.of();
  }

  static OnnxNode read(ProtoReader in, int depth) {
    String name = "";
    String operation = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, List<String>> told = new HashMap<>();
    Attributes attributes = new Attributes(depth);
    for (int field = in.nextField(); field != 0; field = in.nextField()) {
      switch (field) {
        case INPUT -> inputs.add(in.text());
        case OUTPUT -> outputs.add(in.text());
        case NAME -> name = in.text();
        case OPERATION -> operation = in.text();
        case DOMAIN -> domain = in.text();
        case ATTRIBUTE -> attributes.read(in.message());
        case METADATA -> addTold(in.message(), told);
        default -> in.skip();
      }
    }
    OnnxTensorInfo constant = operation.equals("Constant") ? attributes.constant : null;
    return new OnnxNode(
        name,
        operation,
        domain,
        inputs,
        outputs,
        attributes.integers,
        attributes.lists,
        attributes.mode,
        constant,
        attributes.bodies,
        told.getOrDefault(SCOPES, List.of()),
        told.getOrDefault(CLASSES, List.of()));
  }

  private static void addTold(ProtoReader in, Map<String, List<String>> told) {
    Map.Entry<String, String> entry = in.entry();
    if (entry.getKey().equals(SCOPES) || entry.getKey().equals(CLASSES)) {
      told.put(entry.getKey(), ModuleNames.pythonList(entry.getValue()));
    }
  }

  /** What people find it by: its name, or the value that it gives. */
  public String label() {
    return name.isEmpty() && !outputs.isEmpty() ? outputs.get(0) : name;
  }

  /** Whether it is a pooling that pads some axis by the width of its kernel, or by more. */
  public boolean padsByItsKernel() {
    List<Long> kernel = lists.getOrDefault("kernel_shape", List.of());
    List<Long> pads = lists.getOrDefault("pads", List.of());
    return operation.endsWith("Pool")
        && pads.size() == 2 * kernel.size()
        && IntStream.range(0, pads.size())
            .anyMatch(i -> pads.get(i) >= kernel.get(i % kernel.size()));
  }

  /**
   * Whether it gives numbers in the order of ONNX Runtime's own convolutions, blocks of channels
   * innermost and filled up with zeros, under a shape that does not say so.
   */
  boolean givesBlocks() {
    return domain.equals("com.microsoft.nchwc") && !operation.equals("ReorderOutput");
  }

  /** The values that it takes, and those that graphs within it take from around them. */
  Stream<String> needs() {
    return Stream.concat(
        inputs.stream(),
        bodies.stream().flatMap(body -> body.nodes().stream()).flatMap(OnnxNode::needs));
  }

  /** Whether it enlarges maps linearly, by an operation that may not tell where pixels lie. */
  boolean isLinearResize() {
    return mode.equals("linear") && (operation.equals("Upsample") || operation.equals("Resize"));
  }

  /** What it is in the innermost module, which is what PyTorch's own operation goes by. */
  String ownScope() {
    return scopes.isEmpty() ? "" : scopes.get(scopes.size() - 1);
  }

  /** The class of a module around it, or empty. */
  String classOf(String module) {
    int place = scopes.indexOf(module);
    return place < 0 || classes.isEmpty() ? "" : classes.get(place);
  }

  /** PyTorch's own operation, such as {@code aten.conv2d.default}, or empty. */
  String atenOperation() {
    return classes.isEmpty() ? "" : classes.get(classes.size() - 1);
  }

  private static final class Attributes {

    private static final int FLOAT = 2;
    private static final int INTEGER = 3;
    private static final int TEXT = 4;
    private static final int TENSOR = 5;
    private static final int GRAPH = 6;
    private static final int FLOATS = 7;
    private static final int INTEGERS = 8;
    private static final int GRAPHS = 11;

    /** More than any list that tells of axes; constants may be lists of any length. */
    private static final int MOST_INTEGERS = 64;

    private final int depth;
    private final Map<String, Long> integers = new HashMap<>();
    private final Map<String, List<Long>> lists = new HashMap<>();
    private String mode = "";
    private final List<OnnxGraph> bodies = new ArrayList<>();
    private @Nullable OnnxTensorInfo constant;

    Attributes(int depth) {
      this.depth = depth;
    }

    void read(ProtoReader in) {
      String name = "";
      OnnxTensorInfo tensor = null;
      Long integer = null;
      String text = "";
      List<Long> list = new ArrayList<>();
      byte[] floats = new byte[0];
      for (int field = in.nextField(); field != 0; field = in.nextField()) {
        switch (field) {
          case 1 -> name = in.text();
          case FLOAT, FLOATS -> floats = joined(floats, in.numbers());
          case INTEGER -> integer = in.varint();
          case INTEGERS -> addSome(in, list);
          case TEXT -> text = in.text();
          case TENSOR -> tensor = onlyTensor(tensor, in, name);
          case GRAPH, GRAPHS -> bodies.add(OnnxGraphReader.readBody(in.message(), depth + 1));
          default -> in.skip();
        }
      }
      if (integer != null) {
        integers.put(name, integer);
      }
      if (!list.isEmpty()) {
        lists.put(name, List.copyOf(list));
      }
      switch (name) {
        case "mode" -> mode = text;
        case "value" -> constant = tensor;
        case "value_float" ->
            constant = new OnnxTensorInfo("", List.of(), OnnxTensorInfo.FLOAT, floats);
        case "value_floats" ->
            constant =
                new OnnxTensorInfo(
                    "", List.of((long) floats.length / Float.BYTES), OnnxTensorInfo.FLOAT, floats);
        default -> {}
      }
    }

    private static OnnxTensorInfo onlyTensor(
        @Nullable OnnxTensorInfo before, ProtoReader in, String attribute) {
      if (before != null) {
        throw new ProtoReader.Malformed("an attribute '" + attribute + "' of two tensors");
      }
      return OnnxTensorInfo.read(in.message());
    }

    private static void addSome(ProtoReader in, List<Long> list) {
      if (list.size() < MOST_INTEGERS) {
        OnnxTensorInfo.addIntegers(in, list);
      } else {
        in.skip();
      }
    }

    private static byte[] joined(byte[] one, byte[] other) {
      ByteBuffer both = ByteBuffer.allocate(one.length + other.length);
      return both.order(ByteOrder.LITTLE_ENDIAN).put(one).put(other).array();
    }
  }

  boolean isRandom() {
    return operation.startsWith("Random")
        || operation.equals("Multinomial")
        || operation.equals("Bernoulli");
  }

  /** Whether its answers tell only of shapes, never of values. */
  boolean tellsOnlyShapes() {
    return operation.equals("Shape") || operation.equals("Size");
  }
}
