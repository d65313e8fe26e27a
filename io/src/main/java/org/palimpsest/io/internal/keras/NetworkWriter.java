package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.Value;

/** Writes a network of Keras as a graph: each layer once for each of its calls. */
final class NetworkWriter {

  private static final Set<String> INTEGERS = Set.of("int32", "int64", "int8", "int16", "uint8");
  private static final Set<String> OF_INPUTS =
      Set.of(
          "name",
          "trainable",
          "dtype",
          "input_dtype",
          "sparse",
          "ragged",
          "optional",
          "batch_shape",
          "batch_input_shape");
  private static final List<List<String>> OF_NETWORKS = List.of(List.of("inputs"));
  private static final int SAMPLES = 0;

  /** More than any machine holds. */
  private static final double MOST_ELEMENTS = 0x1p40;

  /** Networks within each other that are called again and again would have no end. */
  private static final int MOST_CALLS = 20_000;

  /** The input of a network before it is in the graph. */
  private record Opening(List<Long> shape, String type) {}

  private final String source;
  private final KnownLayers table;
  private final Dialect dialect;
  private final Map<KerasLayer, Bound> arrays;
  private final GraphBuilder graph;
  private final Ops ops;
  private final Set<String> types = new TreeSet<>();

  /** Which layers compute in that do not tell, as until Keras 2.2 only an input does. */
  private String typeOfInput = "float32";

  private int calls;

  private NetworkWriter(
      String source, KnownLayers table, Map<KerasLayer, Bound> arrays, GraphBuilder graph) {
    this.source = source;
    this.table = table;
    this.dialect = table.dialect();
    this.arrays = arrays;
    this.graph = graph;
    this.ops = new Ops(graph);
  }

  static void write(
      String source,
      Architecture network,
      KnownLayers table,
      Map<KerasLayer, Bound> arrays,
      GraphBuilder graph) {
    NetworkWriter writer = new NetworkWriter(source, table, arrays, graph);
    writer.write(network);
    writer.requireAllTaken();
    writer.types.remove("float32");
    if (!writer.types.isEmpty()) {
      graph.note(
          "computed in float32, where Keras computes some layers in "
              + String.join(", ", writer.types));
    }
  }

  private void requireAllTaken() {
    arrays.forEach((layer, bound) -> bound.requireAllTaken(table.owner(layer)));
  }

  private void write(Architecture network) {
    Tensor input = input(opening(network));
    List<Tensor> results = run(network, List.of(input), "");
    List<Architecture.Result> labels =
        network instanceof Architecture.Functional functional ? functional.outputs() : List.of();
    for (int i = 0; i < results.size(); i++) {
      String label = results.size() == 1 ? "" : labels.get(i).label();
      graph.output(label, shown(results.get(i)));
    }
  }

  private Opening opening(Architecture network) {
    if (network instanceof Architecture.Functional functional) {
      if (functional.inputs().size() != 1) {
        throw new PalimpsestException(
            "%s takes %s tensors (%s); only networks of one input can be shown probes."
                .formatted(
                    source,
                    functional.inputs().size(),
                    String.join(
                        ", ", functional.inputs().stream().map(Argued.Reference::layer).toList())));
      }
      return opening(find(functional, opened(functional, functional.inputs().get(0)).layer()));
    }
    KerasLayer first = network.layers().get(0);
    Opening ofFirst = opening(first);
    List<Long> built = ((Architecture.Sequential) network).inputShape();
    return ofFirst.shape().isEmpty() && !built.isEmpty()
        ? known(built, "float32")
        : required(ofFirst);
  }

  private Opening required(Opening found) {
    if (found.shape().isEmpty()) {
      throw new PalimpsestException(
          source
              + " does not say which shape its input has: it was saved before it had one. Call the"
              + " network once in Keras, and save it again.");
    }
    return found;
  }

  private Opening opening(KerasLayer layer) {
    if (layer.network().isPresent()) {
      return opening(layer.network().get());
    }
    JsonNode config = layer.config();
    for (String name : List.of("batch_shape", "batch_input_shape")) {
      if (config.path(name).isArray()) {
        String type = config.path("input_dtype").asText(KnownLayers.type(config));
        return known(Configuration.shape(config.path(name)), type);
      }
    }
    return new Opening(Configuration.shape(layer.buildConfig().path("input_shape")), "float32");
  }

  private static Opening known(List<Long> shape, String type) {
    return new Opening(shape, type);
  }

  private KerasLayer find(Architecture network, String name) {
    return network.layers().stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s refers to a layer '%s', which it does not have.".formatted(source, name)));
  }

  /** Probes have channels first, as all networks here; the layers have them as Keras does. */
  private Tensor input(Opening opening) {
    List<Long> shape = new ArrayList<>(opening.shape());
    if (shape.size() < 2 || shape.stream().anyMatch(extent -> extent == 0 || extent < -1)) {
      throw new PalimpsestException(
          "%s takes an input of the shape %s, which is none of samples.".formatted(source, shape));
    }
    shape.set(SAMPLES, Tensor.UNKNOWN);
    boolean integers = INTEGERS.contains(opening.type());
    List<Integer> shown = shownOrder(shape.size());
    List<Extent> extents = new ArrayList<>();
    for (int axis : shown) {
      long extent = shape.get(axis);
      extents.add(extent == Tensor.UNKNOWN ? Extent.any() : Extent.of(extent));
    }
    Value probes = graph.input(integers ? ElementType.INT32 : ElementType.FLOAT32, extents);
    Value numbers =
        integers
            ? graph.operator("to").with(probes, ElementType.FLOAT32, false, false).value()
            : probes;
    List<Long> shownShape = shown.stream().map(shape::get).toList();
    Tensor first = new Tensor(numbers, shownShape, integers);
    return shape.size() < 3 || dialect.channelsFirst()
        ? first
        : ops.moved(first, 1, shape.size() - 1);
  }

  private List<Integer> shownOrder(int rank) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
    if (rank >= 3 && !dialect.channelsFirst()) {
      order.add(1, order.remove(rank - 1));
    }
    return order;
  }

  /** With the last axis second, as activations are given. */
  private Value shown(Tensor x) {
    return ops.permuted(x, shownOrder(x.rank())).value();
  }

  private List<Tensor> run(Architecture network, List<Tensor> given, String prefix) {
    return network instanceof Architecture.Sequential sequence
        ? runSequence(sequence, given, prefix)
        : runFunctional((Architecture.Functional) network, given, prefix);
  }

  private List<Tensor> runSequence(
      Architecture.Sequential sequence, List<Tensor> given, String prefix) {
    List<Tensor> values = given;
    for (KerasLayer layer : sequence.layers()) {
      if (layer.isInput()) {
        requireInput(layer);
      } else {
        values = call(layer, values, Map.of(), prefix);
      }
    }
    return values;
  }

  private void requireInput(KerasLayer layer) {
    layer
        .config()
        .properties()
        .forEach(
            setting -> {
              boolean unknown = !OF_INPUTS.contains(setting.getKey());
              boolean special =
                  Set.of("sparse", "ragged").contains(setting.getKey())
                      && setting.getValue().asBoolean();
              if (unknown && !setting.getValue().isNull() || special) {
                throw new PalimpsestException(
                    "%s has the setting '%s' (%s), which is not known here."
                        .formatted(
                            table.owner(layer),
                            setting.getKey(),
                            KerasSettings.shortened(setting.getValue())));
              }
            });
    String type = layer.config().path("input_dtype").asText(KnownLayers.type(layer.config()));
    if (!INTEGERS.contains(type) && !type.matches("b?float\\d\\d|mixed_b?float16")) {
      throw new PalimpsestException(
          "%s takes %s, which probes are not.".formatted(table.owner(layer), type));
    }
    if (!INTEGERS.contains(type)) {
      typeOfInput = type;
    }
  }

  /**
   * Keras 1 calls an input by the last layer that handed on the very same tensor.
   *
   * @param input as the file has it
   */
  private Argued.Reference opened(Architecture network, Argued.Reference input) {
    Argued.Reference opened = input;
    for (int step = 0; dialect.major() == 1 && step < network.layers().size(); step++) {
      Optional<Argued.Reference> before = handedOn(find(network, opened.layer()));
      if (before.isEmpty()) {
        return opened;
      }
      opened = before.get();
    }
    return opened;
  }

  private static Optional<Argued.Reference> handedOn(KerasLayer layer) {
    boolean handsOn =
        layer.className().equals("ActivityRegularization")
            || layer.className().equals("Activation")
                && layer.config().path("activation").asText().equals("linear");
    if (!handsOn || layer.calls().size() != 1 || layer.calls().get(0).arguments().size() != 1) {
      return Optional.empty();
    }
    return layer.calls().get(0).arguments().get(0) instanceof Argued.Reference given
        ? Optional.of(given)
        : Optional.empty();
  }

  private List<Tensor> runFunctional(
      Architecture.Functional network, List<Tensor> given, String prefix) {
    Map<Argued.Reference, Tensor> known = new HashMap<>();
    if (network.inputs().size() != given.size()) {
      throw new PalimpsestException(
          "%s: network '%s' is called with %s tensors and takes %s."
              .formatted(source, network.name(), given.size(), network.inputs().size()));
    }
    for (int i = 0; i < given.size(); i++) {
      Argued.Reference input = opened(network, network.inputs().get(i));
      requireInput(find(network, input.layer()));
      known.put(input, given.get(i));
    }
    Architecture.Calls calls = Architecture.Calls.of(network, source, dialect);
    calls.inOrder(known.keySet()).forEach(call -> run(call, calls, known, prefix));
    List<Tensor> results = new ArrayList<>();
    for (Architecture.Result result : network.outputs()) {
      results.add(find(known, calls.counted(result.source(), true)));
    }
    return results;
  }

  private Tensor find(Map<Argued.Reference, Tensor> known, Argued.Reference wanted) {
    Tensor tensor = known.get(wanted);
    if (tensor == null) {
      throw new PalimpsestException(
          "%s refers to the result %s of call %s of layer '%s', which there is not."
              .formatted(source, wanted.result(), wanted.call(), wanted.layer()));
    }
    return tensor;
  }

  private void run(
      Architecture.Calls.Planned planned,
      Architecture.Calls calls,
      Map<Argued.Reference, Tensor> known,
      String prefix) {
    KerasLayer layer = planned.layer();
    List<Argued> arguments = new ArrayList<>();
    planned.node().arguments().forEach(argument -> arguments.add(resolved(argument, known, calls)));
    Map<String, Argued> named = new LinkedHashMap<>();
    planned
        .node()
        .named()
        .forEach((name, argument) -> named.put(name, resolved(argument, known, calls)));
    List<Tensor> results;
    if (layer.isOperator()) {
      results =
          tapped(
              prefix + layer.name(),
              Operators.call(
                  layer,
                  table.owner(layer),
                  ops,
                  dialect,
                  arguments,
                  named,
                  prefix + layer.name()));
    } else {
      List<Tensor> tensors = new ArrayList<>();
      arguments.forEach(argument -> addTensors(argument, layer, tensors));
      addNamedTensors(layer, arguments, named, tensors);
      results = call(layer, tensors, named, prefix);
    }
    for (int i = 0; i < results.size(); i++) {
      known.put(new Argued.Reference(layer.name(), planned.number(), i), results.get(i));
    }
  }

  private Argued resolved(
      Argued argument, Map<Argued.Reference, Tensor> known, Architecture.Calls calls) {
    if (argument instanceof Argued.Reference reference) {
      return new Argued.Given(find(known, calls.counted(reference, false)));
    }
    return argument instanceof Argued.Items list
        ? new Argued.Items(list.items().stream().map(item -> resolved(item, known, calls)).toList())
        : argument;
  }

  /** Tensors that are called by name come behind those that are called by place. */
  private void addNamedTensors(
      KerasLayer layer, List<Argued> placed, Map<String, Argued> named, List<Tensor> tensors) {
    List<List<String>> places =
        layer.network().isPresent() ? OF_NETWORKS : table.row(layer).takes();
    for (int i = places.size(); i < placed.size(); i++) {
      if (!placed.get(i).isNone()) {
        throw new PalimpsestException(
            "%s is called with %s arguments, of which the first %s are known here."
                .formatted(table.owner(layer), placed.size(), places.size()));
      }
    }
    for (int i = placed.size(); i < places.size(); i++) {
      for (String name : places.get(i)) {
        Argued argument = named.getOrDefault(name, Argued.none());
        if (!argument.isNone() && tensors.size() < i) {
          throw new PalimpsestException(
              "%s is called with %s and without %s before it."
                  .formatted(table.owner(layer), name, places.get(i - 1).get(0)));
        }
        addTensors(argument, layer, tensors);
        named.remove(name);
      }
    }
    if (tensors.isEmpty()) {
      throw new PalimpsestException(
          "%s is called without a tensor as '%s'."
              .formatted(table.owner(layer), places.get(0).get(0)));
    }
  }

  private void addTensors(Argued argument, KerasLayer layer, List<Tensor> tensors) {
    if (argument instanceof Argued.Given given) {
      tensors.add(given.tensor());
    } else if (argument instanceof Argued.Items list) {
      list.items().forEach(item -> addTensors(item, layer, tensors));
    } else if (!argument.isNone()) {
      throw new PalimpsestException(
          "%s is called with %s, which is no tensor.".formatted(table.owner(layer), argument));
    }
  }

  private List<Tensor> call(
      KerasLayer layer, List<Tensor> given, Map<String, Argued> named, String prefix) {
    String path = prefix + layer.name();
    calls++;
    if (calls > MOST_CALLS) {
      throw new PalimpsestException(
          "%s calls its layers more than %s times.".formatted(source, MOST_CALLS));
    }
    if (layer.network().isPresent()) {
      requireNothingNamed(layer, named);
      return tapped(path, run(layer.network().get(), given, path + "/"));
    }
    Row row = table.row(layer);
    KerasSettings settings = table.settings(layer, row);
    types.add(layer.config().has("dtype") ? KnownLayers.type(layer.config()) : typeOfInput);
    Bound bound = arrays.computeIfAbsent(layer, l -> Bound.of(Map.of()));
    Call call = new Call(layer, table, ops, settings, bound, given, named, path);
    requireNoIntegers(call);
    List<Tensor> results = row.build().apply(call);
    call.requireAllTaken();
    return tapped(path, results);
  }

  private void requireNoIntegers(Call call) {
    boolean integers = call.inputs().stream().anyMatch(Tensor::integers);
    if (integers && !PreprocessingLayers.TAKE_INTEGERS.contains(call.layer().className())) {
      throw call.refused("is given integers, which it is known for floating numbers alone");
    }
  }

  private void requireNothingNamed(KerasLayer layer, Map<String, Argued> named) {
    named.forEach(
        (name, argument) -> {
          boolean mode = name.equals("training") && dialect.major() == 3;
          if (!argument.isNone() && !argument.isFalse() && !mode) {
            throw new PalimpsestException(
                "%s is called with %s=%s, which is not known here."
                    .formatted(table.owner(layer), name, argument));
          }
        });
  }

  private Tensor tapped(String path, Tensor result) {
    double elements = result.shape().stream().mapToDouble(Math::abs).reduce(1, (a, b) -> a * b);
    if (elements > MOST_ELEMENTS) {
      throw new PalimpsestException(
          "%s: layer '%s' has a result of the shape %s for each sample, which no machine holds."
              .formatted(source, path, result.shape().subList(1, result.rank())));
    }
    graph.tap(List.of(path), shown(result));
    return result;
  }

  private List<Tensor> tapped(String path, List<Tensor> results) {
    if (results.size() == 1) {
      tapped(path, results.get(0));
    } else {
      graph.tap(List.of(path), results.stream().map(this::shown).toList());
    }
    return results;
  }
}
