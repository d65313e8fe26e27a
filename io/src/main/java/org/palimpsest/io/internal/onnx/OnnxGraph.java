package org.palimpsest.io.internal.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.palimpsest.io.internal.capture.RunNotes;
import org.palimpsest.io.network.LayerOutline;

/**
 * The part of an ONNX model that this library looks at before ONNX Runtime does.
 *
 * @param nodes the operations in the order in which they run
 * @param inputs the graph's inputs, stored tensors left out
 * @param outputs the names of the graph's outputs, in order
 * @param tensors the stored tensors
 * @param sparse the names of stored tensors of which only the elements other than 0 are stored
 * @param producer the tool that wrote the file, with its version, or empty
 * @param operators the version of ONNX's own operators that they are of; 0 if it is not told
 * @param functions operations that the model defines by others
 */
public record OnnxGraph(
    List<OnnxNode> nodes,
    List<OnnxInput> inputs,
    Set<String> outputs,
    List<OnnxTensorInfo> tensors,
    List<String> sparse,
    String producer,
    long operators,
    List<Function> functions) {

  /** An operation that the model defines: its name, and the operations that it stands for. */
  public record Function(String name, OnnxGraph body) {}

  private static final int MODEL_GRAPH = 7;

  /** Of ONNX's operators; from it on they tell where the pixels of a resized map lie. */
  private static final long TELLS_PLACES = 11;

  private static final int OUTPUT = 12;
  private static final int VALUE_NAME = 1;
  private static final Set<String> WITH_INNER_GRAPHS = Set.of("If", "Loop", "Scan");
  private static final String RESULT = "output";
  private static final Pattern PATH = Pattern.compile("[./#\\[]");
  private static final int MOST_NAMED = 8;
  private static final String GIVES_INTEGERS = "QLinear";
  private static final Pattern OF_INTEGERS = Pattern.compile("Quantize|QLinear|QGemm|Integer");

  public OnnxGraph {
    nodes = List.copyOf(nodes);
    inputs = List.copyOf(inputs);
    outputs = Collections.unmodifiableSet(new LinkedHashSet<>(outputs));
    tensors = List.copyOf(tensors);
    sparse = List.copyOf(sparse);
    functions = List.copyOf(functions);
  }

  /** Tensors that are stored, here and in the graphs within, under the names of their values. */
  public List<OnnxTensorInfo> storedTensors() {
    List<OnnxTensorInfo> found = new ArrayList<>(tensors);
    for (OnnxNode node : nodes) {
      OnnxTensorInfo constant = node.constant();
      if (constant != null && !node.outputs().isEmpty()) {
        found.add(constant.named(node.outputs().get(0)));
      }
      node.bodies().forEach(body -> found.addAll(body.storedTensors()));
    }
    for (Function function : functions) {
      function.body().storedTensors().stream()
          .map(tensor -> tensor.named(function.name() + "/" + tensor.name()))
          .forEach(found::add);
    }
    return found;
  }

  /** All operations, here, in the graphs within and in functions. */
  public List<OnnxNode> allNodes() {
    List<OnnxNode> all = ownNodes();
    functions.forEach(function -> all.addAll(function.body().allNodes()));
    return all;
  }

  private List<OnnxNode> ownNodes() {
    List<OnnxNode> own = new ArrayList<>();
    for (OnnxNode node : nodes) {
      own.add(node);
      node.bodies().forEach(body -> own.addAll(body.ownNodes()));
    }
    return own;
  }

  /** The names of scales and zero points, which are no weights themselves. */
  public Set<String> namesOfScales() {
    Set<String> names = new HashSet<>();
    for (OnnxNode node : allNodes()) {
      if (node.operation().equals("DequantizeLinear")
          || node.operation().equals("QuantizeLinear")) {
        node.inputs().stream().skip(1).forEach(names::add);
      }
    }
    return names;
  }

  /** Whether it multiplies integers of 8 bits, or the runtime may make such products of it. */
  public boolean isQuantised() {
    return allNodes().stream().anyMatch(node -> OF_INTEGERS.matcher(node.operation()).find());
  }

  /** Whether it draws random numbers. */
  public boolean isRandom() {
    return !randomNodes().isEmpty();
  }

  private List<OnnxNode> randomNodes() {
    Map<String, OnnxTensorInfo> stored = new HashMap<>();
    storedTensors().forEach(tensor -> stored.put(tensor.name(), tensor));
    List<OnnxNode> random = new ArrayList<>();
    ownNodes().stream()
        .filter(node -> node.isRandom() || dropsOut(node, stored))
        .forEach(random::add);
    functions.forEach(function -> random.addAll(function.body().randomNodes()));
    return random;
  }

  /** Dropout does nothing unless its third input is, or may become, true. */
  private static boolean dropsOut(OnnxNode node, Map<String, OnnxTensorInfo> stored) {
    if (!node.operation().equals("Dropout")
        || node.inputs().size() < 3
        || node.inputs().get(2).isEmpty()) {
      return false;
    }
    OnnxTensorInfo training = stored.get(node.inputs().get(2));
    byte[] content = training == null ? null : training.content();
    return content == null || content.length != 1 || content[0] != 0;
  }

  /** The exporter warns of it when it writes, and the file still says that it is PyTorch's. */
  private boolean resizesUnlikePyTorch() {
    return producer.startsWith("pytorch")
        && operators > 0
        && operators < TELLS_PLACES
        && allNodes().stream().anyMatch(OnnxNode::isLinearResize);
  }

  /** What else is to be known of what it computes. */
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    if (isQuantised()) {
      notes.add(RunNotes.QUANTISED);
    }
    long ofIntegers =
        allNodes().stream().filter(node -> node.operation().startsWith(GIVES_INTEGERS)).count();
    if (ofIntegers > 0) {
      notes.add(
          "what %s operations on integers (QLinearConv and the like) give is no layer: quantise in the QDQ format to see it"
              .formatted(ofIntegers));
    }
    noteBlocked(notes);
    if (outputs.size() > 1) {
      notes.add(resultsInItsWords());
    }
    if (resizesUnlikePyTorch()) {
      notes.add(
          "enlarges maps linearly with operators of version %s, which place pixels otherwise than PyTorch: values differ from the network that was exported (export it at opset 11 or later)"
              .formatted(operators));
    }
    randomNodes().stream()
        .map(OnnxNode::operation)
        .distinct()
        .forEach(
            operation ->
                notes.add(
                    "draws random numbers (%s): another run gives other values"
                        .formatted(operation)));
    if (allNodes().stream()
        .anyMatch(node -> node.integers().getOrDefault("training_mode", 0L) != 0)) {
      notes.add(
          "was exported in training mode: it normalises by the batch, and its values depend on"
              + " which probes are shown together");
    }
    return notes;
  }

  private void noteBlocked(List<String> notes) {
    long blocked = nodes.stream().filter(OnnxNode::givesBlocks).count();
    if (blocked > 0) {
      notes.add(
          "what %s operations give in ONNX Runtime's own order (com.microsoft.nchwc) is no layer: save the model before it is optimised for a processor (ORT_ENABLE_EXTENDED or less) to see it"
              .formatted(blocked));
    }
  }

  private String resultsInItsWords() {
    Set<String> computed = Set.copyOf(valuesByLayer().values());
    return "results in the file's words: "
        + resultsByLayer(RESULT).entrySet().stream()
            .filter(one -> computed.contains(one.getValue()))
            .limit(MOST_NAMED)
            .map(one -> "%s is '%s'".formatted(one.getKey(), one.getValue()))
            .collect(Collectors.joining(", "))
        + (outputs.size() > MOST_NAMED ? " …" : "");
  }

  /**
   * The values that follow from the input's values, by layer name, in the order in which they are
   * computed.
   *
   * <p>Where the exporter told the modules, the result of a module goes by its path, and what is
   * computed on the way by the path and the value's own name, {@code enc1/conv2d}. Elsewhere a
   * value goes by the name of its operation, the second one of an operation by {@code name[1]} and
   * so on; where operations have no name or share it, or a value before has the name, by its own.
   */
  public Map<String, String> valuesByLayer() {
    Map<String, Integer> uses = new HashMap<>();
    nodes.forEach(node -> uses.merge(node.name(), 1, Integer::sum));
    List<OnnxNode> following = following();
    Map<String, List<String>> modules = ModuleNames.resultsByValue(following, outputs);
    Map<String, String> values = new LinkedHashMap<>();
    for (OnnxNode node : following) {
      if (node.givesBlocks()) {
        continue;
      }
      boolean named = !node.name().isEmpty() && uses.getOrDefault(node.name(), 0) == 1;
      for (int i = 0; i < node.outputs().size(); i++) {
        String value = node.outputs().get(i);
        if (value.isEmpty()) {
          continue;
        }
        String layer = i == 0 ? node.name() : node.name() + "[" + i + "]";
        List<String> names =
            modules.containsKey(value)
                ? modules.get(value)
                : node.scopes().size() > 1
                    ? List.of(ModuleNames.innermost(node) + "/" + value)
                    : List.of(named ? layer : value);
        place(value, names, values);
      }
    }
    return values;
  }

  /** Where another value has its names already, it goes by its own. */
  private static void place(String value, List<String> names, Map<String, String> values) {
    boolean placed = false;
    for (String name : names) {
      placed |= values.putIfAbsent(name, value) == null;
    }
    String own = value;
    for (int number = 2; !placed; number++) {
      placed = values.putIfAbsent(own, value) == null;
      own = "%s (%s)".formatted(value, number);
    }
  }

  /**
   * The same with the network's results as the last: {@code output}, or {@code output[0]} and so on
   * of several; {@code network_output} where the network has something of its own of that name.
   */
  public Map<String, String> valuesAndResultsByLayer() {
    Map<String, String> values = valuesByLayer();
    Set<String> computed = Set.copyOf(values.values());
    String network = RESULT;
    while (isTaken(network, values)) {
      network = "network_" + network;
    }
    resultsByLayer(network)
        .forEach(
            (layer, value) -> {
              if (computed.contains(value)) {
                values.putIfAbsent(layer, value);
              }
            });
    return values;
  }

  private boolean isTaken(String network, Map<String, String> values) {
    Map<String, String> results = resultsByLayer(network);
    return values.entrySet().stream()
        .filter(one -> PATH.split(one.getKey(), 2)[0].equals(network))
        .anyMatch(one -> !one.getValue().equals(results.get(one.getKey())));
  }

  private Map<String, String> resultsByLayer(String network) {
    Map<String, String> results = new LinkedHashMap<>();
    for (String value : outputs) {
      results.put(outputs.size() == 1 ? network : network + "[" + results.size() + "]", value);
    }
    return results;
  }

  private List<OnnxNode> following() {
    Set<String> dependent = new HashSet<>();
    inputs.forEach(input -> dependent.add(input.name()));
    List<OnnxNode> following = new ArrayList<>();
    for (OnnxNode node : nodes) {
      if (follows(node, dependent)) {
        following.add(node);
        dependent.addAll(node.outputs());
      }
    }
    return following;
  }

  /** The same layers with the operations that compute them, and the stored numbers these take. */
  List<LayerOutline> layers() {
    Map<String, Long> stored = new HashMap<>();
    Set<String> scales = namesOfScales();
    storedTensors().stream()
        .filter(tensor -> tensor.isFloating() || tensor.isQuantised())
        .filter(tensor -> !scales.contains(tensor.name()))
        .forEach(tensor -> stored.put(tensor.name(), tensor.elements()));
    // A quantised weight belongs to the operation that takes what is made of it.
    nodes.stream()
        .filter(node -> node.operation().equals("DequantizeLinear"))
        .filter(node -> stored.containsKey(node.inputs().get(0)))
        .forEach(node -> stored.put(node.outputs().get(0), stored.get(node.inputs().get(0))));
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
  public byte[] withOutputs(byte[] model, Iterable<String> values) {
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
    byte[] head = ProtoReader.head(number, content.length);
    byte[] field = Arrays.copyOf(head, head.length + content.length);
    System.arraycopy(content, 0, field, head.length, content.length);
    return field;
  }
}
