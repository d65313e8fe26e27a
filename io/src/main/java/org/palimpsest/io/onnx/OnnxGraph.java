package org.palimpsest.io.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.capture.LayerOutline;
import org.palimpsest.io.file.InputFiles;

/**
 * The part of an ONNX file that this library looks at before ONNX Runtime does.
 *
 * @param nodes the operations in the order in which they run
 * @param inputs the names of the graph's inputs, stored tensors left out
 * @param outputs the names of the graph's outputs
 * @param tensors the stored tensors
 * @param producer the tool that wrote the file, with its version, or empty
 */
record OnnxGraph(
    List<OnnxNode> nodes,
    List<String> inputs,
    Set<String> outputs,
    List<OnnxTensorInfo> tensors,
    String producer) {

  private static final int MODEL_PRODUCER = 2;
  private static final int MODEL_PRODUCER_VERSION = 3;
  private static final int MODEL_GRAPH = 7;
  private static final int NODE = 1;
  private static final int INITIALIZER = 5;
  private static final int INPUT = 11;
  private static final int OUTPUT = 12;
  private static final int VALUE_NAME = 1;
  private static final Set<String> WITH_INNER_GRAPHS = Set.of("If", "Loop", "Scan");
  private static final Pattern OF_INTEGERS = Pattern.compile("Quantize|QLinear|QGemm|Integer");

  /** The bytes of a file, which must fit into 2 GB as all of protobuf must. */
  static byte[] bytes(Path file) {
    InputFiles.require(file);
    try {
      if (InputFiles.size(file) > Integer.MAX_VALUE - 64) {
        throw new PalimpsestException(file + " is larger than the 2 GB that an ONNX file can be.");
      }
      return Files.readAllBytes(file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  static OnnxGraph read(Path file, byte[] bytes) {
    try {
      Builder builder = new Builder();
      ProtoReader model = ProtoReader.of(bytes);
      for (int field = model.nextField(); field != 0; field = model.nextField()) {
        switch (field) {
          case MODEL_GRAPH -> builder.read(model.message());
          case MODEL_PRODUCER, MODEL_PRODUCER_VERSION -> builder.producer.add(model.text());
          default -> model.skip();
        }
      }
      return builder.build(file);
    } catch (ProtoReader.Malformed malformed) {
      throw new PalimpsestException(
          "%s is not an ONNX model, or is truncated or damaged: %s."
              .formatted(file, malformed.getMessage()),
          malformed);
    }
  }

  private static final class Builder {

    private final List<OnnxNode> nodes = new ArrayList<>();
    private final List<String> inputs = new ArrayList<>();
    private final Set<String> outputs = new HashSet<>();
    private final List<OnnxTensorInfo> tensors = new ArrayList<>();
    private final List<String> producer = new ArrayList<>();

    void read(ProtoReader graph) {
      for (int field = graph.nextField(); field != 0; field = graph.nextField()) {
        switch (field) {
          case NODE -> nodes.add(OnnxNode.read(graph.message()));
          case INITIALIZER -> tensors.add(OnnxTensorInfo.read(graph.message()));
          case INPUT -> inputs.add(valueName(graph.message()));
          case OUTPUT -> outputs.add(valueName(graph.message()));
          default -> graph.skip();
        }
      }
    }

    private static String valueName(ProtoReader value) {
      String name = "";
      for (int field = value.nextField(); field != 0; field = value.nextField()) {
        if (field == VALUE_NAME) {
          name = value.text();
        } else {
          value.skip();
        }
      }
      return name;
    }

    OnnxGraph build(Path file) {
      if (nodes.isEmpty()) {
        throw new PalimpsestException(file + " is not an ONNX model: it holds no operation.");
      }
      for (OnnxTensorInfo tensor : tensors) {
        requireInside(file, tensor);
        inputs.remove(tensor.name());
      }
      return new OnnxGraph(
          List.copyOf(nodes),
          List.copyOf(inputs),
          Set.copyOf(outputs),
          List.copyOf(tensors),
          String.join(" ", producer));
    }

    private static void requireInside(Path file, OnnxTensorInfo tensor) {
      if (tensor.external()) {
        throw new PalimpsestException(
            "%s keeps the tensor '%s' in another file. Save it as one file (onnx.save without external data)."
                .formatted(file, tensor.name()));
      }
      byte[] content = tensor.content();
      long bytes = tensor.isFloating() ? tensor.elements() * tensor.bytesPerElement() : 0;
      if (content != null && tensor.isFloating() && content.length != bytes) {
        throw new PalimpsestException(
            "%s is damaged: tensor '%s' of the shape %s has %d bytes."
                .formatted(file, tensor.name(), tensor.shape(), content.length));
      }
    }
  }

  /** Whether it multiplies integers of 8 bits, or the runtime may make such products of it. */
  boolean isQuantised() {
    return nodes.stream().anyMatch(node -> OF_INTEGERS.matcher(node.operation()).find());
  }

  /**
   * The values that follow from the input's values, by layer name, in the order in which they are
   * computed.
   *
   * <p>A value goes by the name of its operation, the second one of an operation by {@code name[1]}
   * and so on; where operations have no name or share it, by its own.
   */
  Map<String, String> valuesByLayer() {
    Map<String, Integer> uses = new HashMap<>();
    nodes.forEach(node -> uses.merge(node.name(), 1, Integer::sum));
    Set<String> dependent = new HashSet<>(inputs);
    Map<String, String> values = new LinkedHashMap<>();
    for (OnnxNode node : nodes) {
      if (!follows(node, dependent)) {
        continue;
      }
      boolean named = !node.name().isEmpty() && uses.getOrDefault(node.name(), 0) == 1;
      for (int i = 0; i < node.outputs().size(); i++) {
        String value = node.outputs().get(i);
        if (!value.isEmpty()) {
          dependent.add(value);
          String layer = i == 0 ? node.name() : node.name() + "[" + i + "]";
          values.putIfAbsent(named ? layer : value, value);
        }
      }
    }
    return values;
  }

  /** The same layers with the operations that compute them, and the stored numbers these take. */
  List<LayerOutline> layers() {
    Map<String, Long> stored = new HashMap<>();
    tensors.stream()
        .filter(OnnxTensorInfo::isFloating)
        .forEach(tensor -> stored.put(tensor.name(), tensor.elements()));
    Map<String, OnnxNode> makers = new HashMap<>();
    nodes.forEach(node -> node.outputs().forEach(value -> makers.put(value, node)));
    List<LayerOutline> layers = new ArrayList<>();
    valuesByLayer()
        .forEach(
            (name, value) -> {
              OnnxNode maker = Objects.requireNonNull(makers.get(value));
              long numbers =
                  maker.inputs().stream().mapToLong(in -> stored.getOrDefault(in, 0L)).sum();
              layers.add(new LayerOutline(name, maker.operation(), numbers));
            });
    return layers;
  }

  private static boolean follows(OnnxNode node, Set<String> dependent) {
    return !node.tellsOnlyShapes()
        && (WITH_INNER_GRAPHS.contains(node.operation())
            || node.inputs().stream().anyMatch(dependent::contains));
  }

  /**
   * The model with more outputs: protobuf joins two messages that follow each other, so the new
   * outputs are a second, small model behind the first.
   */
  byte[] withOutputs(byte[] model, Iterable<String> values) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream(model.length + 4096);
    joined.writeBytes(model);
    for (String value : values) {
      if (!outputs.contains(value)) {
        byte[] name = field(VALUE_NAME, value.getBytes(StandardCharsets.UTF_8));
        joined.writeBytes(field(MODEL_GRAPH, field(OUTPUT, name)));
      }
    }
    return joined.toByteArray();
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 6);
    out.write(number << 3 | ProtoReader.LENGTH);
    int length = content.length;
    while (length > 0x7f) {
      out.write(length & 0x7f | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
    return out.toByteArray();
  }
}
