package org.palimpsest.io.internal.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.onnx.OnnxGraph.Function;

/** Reads graphs from the fields of protocol buffers. */
public final class OnnxGraphReader {

  private static final int MODEL_GRAPH = 7;
  private static final int OUTPUT = 12;
  private static final int MODEL_PRODUCER = 2;
  private static final int MODEL_PRODUCER_VERSION = 3;
  private static final int MODEL_VERSION = 1;
  private static final int MODEL_OPERATORS = 8;
  private static final int MODEL_FUNCTION = 25;
  private static final int FUNCTION_NAME = 1;
  private static final int FUNCTION_NODE = 7;
  private static final int NODE = 1;
  private static final int INITIALIZER = 5;
  private static final int INPUT = 11;
  private static final int SPARSE_INITIALIZER = 15;
  private static final int DEEPEST = 50;

  /** That of ONNX 1.23. */
  private static final long LAST_VERSION = 14;

  private final int depth;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<OnnxInput> inputs = new ArrayList<>();
  private final Set<String> outputs = new LinkedHashSet<>();
  private final List<OnnxTensorInfo> tensors = new ArrayList<>();
  private final List<String> sparse = new ArrayList<>();
  private final List<String> producer = new ArrayList<>();
  private final List<Function> functions = new ArrayList<>();
  private long operators;

  private OnnxGraphReader(int depth) {
    this.depth = depth;
  }

  /**
   * @param bytes the model in one piece
   * @throws PalimpsestException if it is none, or damaged
   */
  public static OnnxGraph read(Path file, byte[] bytes) {
    try {
      OnnxGraphReader builder = new OnnxGraphReader(0);
      ProtoReader model = ProtoReader.of(bytes);
      for (int field = model.nextField(); field != 0; field = model.nextField()) {
        switch (field) {
          case MODEL_VERSION -> requireKnown(model.varint(), file);
          case MODEL_GRAPH -> builder.read(model.message());
          case MODEL_OPERATORS -> builder.readOperators(model.message());
          case MODEL_FUNCTION -> builder.functions.add(function(model.message()));
          case MODEL_PRODUCER, MODEL_PRODUCER_VERSION -> builder.producer.add(model.text());
          default -> model.skip();
        }
      }
      if (builder.nodes.isEmpty()) {
        throw new PalimpsestException(file + " is not an ONNX model: it holds no operation.");
      }
      return builder.build();
    } catch (ProtoReader.Malformed malformed) {
      throw damaged(file, malformed);
    }
  }

  private static void requireKnown(long version, Path file) {
    if (version < 1 || version > LAST_VERSION) {
      throw new PalimpsestException(
          "%s is an ONNX file of the unknown IR version %s; those up to %s are read. Write it with an older ir_version."
              .formatted(file, version, LAST_VERSION));
    }
  }

  static PalimpsestException damaged(Path file, ProtoReader.Malformed malformed) {
    return new PalimpsestException(
        "%s is not an ONNX model, or is truncated or damaged: %s."
            .formatted(file, malformed.getMessage()),
        malformed);
  }

  /** A graph within an operation. */
  static OnnxGraph readBody(ProtoReader graph, int depth) {
    if (depth > DEEPEST) {
      throw new ProtoReader.Malformed("graphs within graphs, more than " + DEEPEST + " deep");
    }
    OnnxGraphReader builder = new OnnxGraphReader(depth);
    builder.read(graph);
    return builder.build();
  }

  private void read(ProtoReader graph) {
    for (int field = graph.nextField(); field != 0; field = graph.nextField()) {
      switch (field) {
        case NODE -> nodes.add(OnnxNode.read(graph.message(), depth));
        case INITIALIZER -> tensors.add(OnnxTensorInfo.read(graph.message()));
        case SPARSE_INITIALIZER -> sparse.add(sparseName(graph.message()));
        case INPUT -> inputs.add(OnnxInput.read(graph.message()));
        case OUTPUT -> outputs.add(OnnxInput.read(graph.message()).name());
        default -> graph.skip();
      }
    }
  }

  private static Function function(ProtoReader definition) {
    String name = "";
    OnnxGraphReader body = new OnnxGraphReader(1);
    for (int field = definition.nextField(); field != 0; field = definition.nextField()) {
      switch (field) {
        case FUNCTION_NAME -> name = definition.text();
        case FUNCTION_NODE -> body.nodes.add(OnnxNode.read(definition.message(), 1));
        default -> definition.skip();
      }
    }
    return new Function(name, body.build());
  }

  private void readOperators(ProtoReader set) {
    String domain = "";
    long version = 0;
    for (int field = set.nextField(); field != 0; field = set.nextField()) {
      switch (field) {
        case 1 -> domain = set.text();
        case 2 -> version = set.varint();
        default -> set.skip();
      }
    }
    if (domain.isEmpty() || domain.equals("ai.onnx")) {
      if (operators != 0 && operators != version) {
        throw new ProtoReader.Malformed(
            "ONNX's operators are said to be of the versions %s and %s"
                .formatted(operators, version));
      }
      operators = version;
    }
  }

  /** A sparse tensor goes by the name of its elements. */
  private static String sparseName(ProtoReader sparse) {
    String name = "";
    for (int field = sparse.nextField(); field != 0; field = sparse.nextField()) {
      if (field == 1) {
        name = OnnxTensorInfo.read(sparse.message()).name();
      } else {
        sparse.skip();
      }
    }
    return name;
  }

  private OnnxGraph build() {
    requireOneOfEachName();
    for (OnnxTensorInfo tensor : tensors) {
      requireWhole(tensor);
      inputs.removeIf(input -> input.name().equals(tensor.name()));
    }
    inputs.removeIf(input -> sparse.contains(input.name()));
    nodes.stream()
        .map(OnnxNode::constant)
        .filter(Objects::nonNull)
        .forEach(OnnxGraphReader::requireWhole);
    return new OnnxGraph(
        inOrder(),
        inputs,
        outputs,
        tensors,
        sparse,
        String.join(" ", producer),
        operators,
        functions);
  }

  /** As they run: some tools write them in another order, and ONNX Runtime sorts them. */
  private List<OnnxNode> inOrder() {
    Map<String, Integer> makers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).outputs()) {
        makers.put(value, i);
      }
    }
    List<List<Integer>> waiting = new ArrayList<>();
    nodes.forEach(node -> waiting.add(new ArrayList<>()));
    int[] missing = new int[nodes.size()];
    for (int i = 0; i < missing.length; i++) {
      for (String value : (Iterable<String>) nodes.get(i).needs().distinct()::iterator) {
        Integer maker = value.isEmpty() ? null : makers.get(value);
        if (maker != null) {
          waiting.get(maker).add(i);
          missing[i]++;
        }
      }
    }
    return ordered(waiting, missing);
  }

  /** The first of those that wait for nothing, again and again. */
  private List<OnnxNode> ordered(List<List<Integer>> waiting, int[] missing) {
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    IntStream.range(0, missing.length).filter(i -> missing[i] == 0).forEach(ready::add);
    List<OnnxNode> ordered = new ArrayList<>();
    while (!ready.isEmpty()) {
      int next = ready.remove();
      ordered.add(nodes.get(next));
      waiting.get(next).stream().filter(i -> --missing[i] == 0).forEach(ready::add);
    }
    if (ordered.size() < nodes.size()) {
      throw new ProtoReader.Malformed("operations that wait for each other's results");
    }
    return ordered;
  }

  /** Runtimes differ in which of two they take. */
  private void requireOneOfEachName() {
    Set<String> given = new HashSet<>();
    tensors.forEach(tensor -> requireNew(tensor.name(), given));
    sparse.forEach(name -> requireNew(name, given));
    nodes.forEach(node -> node.outputs().forEach(value -> requireNew(value, given)));
  }

  private static void requireNew(String name, Set<String> given) {
    if (!name.isEmpty() && !given.add(name)) {
      throw new ProtoReader.Malformed("the value '" + name + "' is given twice");
    }
  }

  private static void requireWhole(OnnxTensorInfo tensor) {
    byte[] content = tensor.content();
    boolean read = tensor.isFloating() || tensor.isInteger();
    if (content != null && read && content.length != tensor.bytes()) {
      throw new ProtoReader.Malformed(
          "tensor '%s' of the shape %s has %s bytes"
              .formatted(tensor.name(), tensor.shape(), content.length));
    }
  }
}
