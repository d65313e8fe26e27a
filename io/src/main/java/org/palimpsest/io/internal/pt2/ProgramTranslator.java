package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;

/** Builds the graph of a program. */
final class ProgramTranslator {

  private static final Set<String> CHECKS_OF_LAYOUT = Set.of("_assert_tensor_metadata");
  private static final Set<String> FILES = Set.of("from_file", "save", "load");
  private static final Set<String> DROPOUTS =
      Set.of(
          "dropout",
          "dropout_",
          "feature_dropout",
          "feature_dropout_",
          "alpha_dropout",
          "alpha_dropout_",
          "feature_alpha_dropout",
          "native_dropout");

  /** Numbers of the types float32, and float16 and bfloat16. */
  private static final int FULL = 7;

  private static final Set<Integer> HALVES = Set.of(6, 13);

  private static final Set<String> NORMS =
      Set.of(
          "batch_norm",
          "native_batch_norm",
          "cudnn_batch_norm",
          "miopen_batch_norm",
          "_batch_norm_impl_index",
          "_native_batch_norm_legit");

  private static final Set<String> NORMS_IN_TRAINING =
      Set.of("_batch_norm_with_update", "_native_batch_norm_legit_functional");

  /** How many axes the states of an LSTM have: layers and directions, samples, features. */
  private static final int STATE = 3;

  private static final Set<String> OBSERVERS =
      Set.of("fused_moving_avg_obs_fake_quant", "_fused_moving_avg_obs_fq_helper");

  private static final Map<String, String> PYTHON =
      Map.ofEntries(
          Map.entry("_operator.add", "add"),
          Map.entry("_operator.sub", "sub"),
          Map.entry("_operator.mul", "mul"),
          Map.entry("_operator.floordiv", "floordiv"),
          Map.entry("_operator.truediv", "div"),
          Map.entry("_operator.mod", "remainder"),
          Map.entry("_operator.pow", "pow"),
          Map.entry("_operator.neg", "neg"),
          Map.entry("_operator.eq", "eq"),
          Map.entry("_operator.ne", "ne"),
          Map.entry("_operator.lt", "lt"),
          Map.entry("_operator.le", "le"),
          Map.entry("_operator.gt", "gt"),
          Map.entry("_operator.ge", "ge"),
          Map.entry("_operator.and_", "__and__"),
          Map.entry("_operator.or_", "__or__"),
          Map.entry("math.floor", "floor"),
          Map.entry("math.ceil", "ceil"),
          Map.entry("math.sqrt", "sqrt"),
          Map.entry("torch.sym_max", "prim::max"),
          Map.entry("torch.sym_min", "prim::min"),
          Map.entry("torch.sym_float", "Float"),
          Map.entry("torch.sym_int", "Int"),
          Map.entry("torch.sym_not", "__not__"));

  private static final Map<String, String> SYMBOLIC =
      Map.of(
          "sym_size", "size",
          "sym_stride", "stride",
          "sym_numel", "numel",
          "sym_storage_offset", "storage_offset");

  private final String file;
  private final GraphBuilder graph;
  private final Nodes nodes;
  private final ModuleStacks stacks;
  private final Map<String, Argument> values = new HashMap<>();
  private final Map<String, Argument> symbols = new HashMap<>();
  private final Map<String, Optional<Argument>> sizes = new HashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final Set<String> wronglyTold = new HashSet<>();
  private final Nodes.Arguments arguments;

  ProgramTranslator(String file, GraphBuilder graph, Nodes nodes, ModuleStacks stacks) {
    this.file = file;
    this.graph = graph;
    this.nodes = nodes;
    this.stacks = stacks;
    this.arguments = new Nodes.Arguments(file, this::find, notes::add);
  }

  /** Says what a name of the program stands for before its nodes run. */
  void define(String name, Argument value) {
    if (values.putIfAbsent(nodes.root().of(name), value) != null) {
      throw new PalimpsestException("%s is damaged: it gives '%s' twice.".formatted(file, name));
    }
  }

  /** Says what a symbol of sizes stands for. */
  void defineSymbol(String name, Argument value) {
    symbols.putIfAbsent(name, value);
  }

  boolean hasSymbol(String name) {
    return symbols.containsKey(name);
  }

  /**
   * Adds the nodes and the layers. Where the program tells that the first size of every layer and
   * result is the number of samples, so does the graph.
   *
   * @param outputs the names of the results
   * @param keysTellCalls see {@link ModuleStacks.Calls}
   * @param samples what the program calls the number of samples, if that may change
   */
  void translate(List<String> outputs, boolean keysTellCalls, Optional<String> samples) {
    Set<String> used = new HashSet<>();
    outputs.forEach(name -> used.add(nodes.root().of(name)));
    boolean samplesFirst = used.stream().allMatch(value -> beginsWith(samples, value));
    ModuleResults results = ModuleResults.of(nodes.all(), stacks, used, keysTellCalls);
    noteLeftOut(results.unknown());
    nodes.all().forEach(node -> used.addAll(node.taken()));
    for (int i = 0; i < nodes.all().size(); i++) {
      run(nodes.all().get(i), used);
      for (ModuleResults.Result result : results.after(i)) {
        if (values.get(result.value()) instanceof Value value) {
          graph.tapLayer(result.layer(), value);
          samplesFirst &= beginsWith(samples, result.value());
        }
      }
    }
    if (samplesFirst && wronglyTold.isEmpty()) {
      graph.samplesStandFirst();
    }
    notes.forEach(graph::note);
  }

  private boolean beginsWith(Optional<String> samples, String value) {
    JsonNode meta = nodes.metas().get(value);
    return samples.isPresent()
        && meta != null
        && TensorMeta.of(meta, "Value '%s' of %s".formatted(value, file)).sizes().stream()
            .findFirst()
            .flatMap(TensorMeta::formula)
            .equals(samples);
  }

  /** The value that a name at the outermost place stands for after all nodes. */
  Value result(String name) {
    if (find(name, nodes.root()) instanceof Value value) {
      return value;
    }
    throw new PalimpsestException(
        "%s is damaged: its output '%s' is no tensor.".formatted(file, name));
  }

  private void noteLeftOut(List<String> unknown) {
    if (!unknown.isEmpty()) {
      notes.add(
          "left out, since the file does not tell what they return: " + String.join(", ", unknown));
    }
  }

  private void run(Nodes.Node node, Set<String> used) {
    String operator = operator(node.target());
    if (CHECKS_OF_LAYOUT.contains(operator)) {
      return;
    }
    requireAllowed(operator, node);
    requireOwnPrecision(node);
    GraphBuilder.CallBuilder call =
        isTakenFromNumber(operator, node) ? takenFromNumber(node) : called(operator, node);
    List<String> results = node.results();
    List<Value> given = node.givesList() ? call.list(results.size()) : call.values(results.size());
    mind(node, operator);
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i).isEmpty()) {
        continue;
      }
      if (values.putIfAbsent(results.get(i), given.get(i)) != null) {
        throw new PalimpsestException(
            "%s is damaged: it gives '%s' twice.".formatted(file, results.get(i)));
      }
      boolean matters = results.size() == 1 || used.contains(results.get(i));
      if (matters && node.tensors().contains(results.get(i)) && isTold(results.get(i))) {
        expectShape(results.get(i), given.get(i));
      }
    }
  }

  private GraphBuilder.CallBuilder called(String operator, Nodes.Node node) {
    GraphBuilder.CallBuilder call = graph.operator(operator);
    int byPosition = byPosition(node);
    for (int i = 0; i < node.inputs().size(); i++) {
      Nodes.Input input = node.inputs().get(i);
      if (isFactorOne(node, i)) {
        continue;
      }
      Argument argument = arguments.argument(input.argument(), node);
      if (i < byPosition || input.name().isEmpty()) {
        call.with(argument);
      } else {
        call.with(input.name(), argument);
      }
    }
    return call;
  }

  /** Decompositions write {@code 2 - alpha * x} as an operator of tensors that begins with 2. */
  private static boolean isTakenFromNumber(String operator, Nodes.Node node) {
    return operator.equals("sub")
        && node.inputs().size() == 3
        && !isFactorOne(node, 2)
        && node.inputs().get(2).name().equals("alpha")
        && !node.inputs().get(0).argument().kind().startsWith("as_tensor")
        && node.inputs().get(1).argument().is("as_tensor");
  }

  private GraphBuilder.CallBuilder takenFromNumber(Nodes.Node node) {
    GraphBuilder.CallBuilder call = graph.operator("rsub");
    for (int place : new int[] {1, 0, 2}) {
      call.with(arguments.argument(node.inputs().get(place).argument(), node));
    }
    return call;
  }

  /**
   * Keeps in mind what follows from the states of an LSTM of which the file tells an axis too many,
   * as PyTorch 2.9 and 2.10 write it: of that no shape is right.
   */
  private void mind(Nodes.Node node, String operator) {
    List<String> results = node.results();
    if (node.taken().stream().anyMatch(wronglyTold::contains)) {
      wronglyTold.addAll(results);
    } else if (operator.equals("lstm")) {
      results.stream().skip(1).filter(this::hasAxisTooMany).forEach(wronglyTold::add);
    }
  }

  private boolean hasAxisTooMany(String state) {
    JsonNode meta = nodes.metas().get(state);
    return meta != null
        && TensorMeta.of(meta, "Value '%s' of %s".formatted(state, file)).sizes().size()
            == STATE + 1;
  }

  /**
   * How many arguments are given by position: all of Python's own operators, and those up to {@code
   * self}, which cannot be given by name. With a number before a tensor ({@code 1 - x}) the
   * operators of numbers are meant, whose arguments have other names.
   */
  private static int byPosition(Nodes.Node node) {
    List<Nodes.Input> inputs = node.inputs();
    if (!node.target().startsWith("torch.ops.")) {
      return inputs.size();
    }
    int count = 0;
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).name().equals("self")) {
        boolean tensor = inputs.get(i).argument().kind().startsWith("as_tensor");
        boolean other = i + 1 < inputs.size() && inputs.get(i + 1).name().equals("other");
        count = tensor || !other ? i + 1 : i + 2;
      }
    }
    return count;
  }

  /** The factor of {@code 1 - alpha * x}, which the operators of numbers do not have. */
  private static boolean isFactorOne(Nodes.Node node, int place) {
    List<Nodes.Input> inputs = node.inputs();
    Nodes.Input input = inputs.get(place);
    return place == 2
        && input.name().equals("alpha")
        && input.argument().value().asDouble() == 1
        && inputs.get(0).name().equals("self")
        && !inputs.get(0).argument().kind().startsWith("as_tensor");
  }

  private String operator(String target) {
    String python = PYTHON.get(target);
    if (python != null) {
      return python;
    }
    String[] parts = target.split("\\.", -1);
    boolean aten = target.startsWith("torch.ops.aten.") && parts.length >= 4;
    if (!aten) {
      throw new PalimpsestException(refusal(target));
    }
    return SYMBOLIC.getOrDefault(parts[3], parts[3]);
  }

  private String refusal(String target) {
    if (target.contains("higher_order")) {
      return "%s has '%s' in its graph: control flow and other operators that take graphs are not run here. Export the network without it."
          .formatted(file, target.substring(target.lastIndexOf('.') + 1));
    }
    return "%s needs the operator '%s', which is not known here; PyTorch's own (torch.ops.aten) are. Export the network with what it is made of in its place."
        .formatted(file, target.replaceFirst("^torch\\.ops\\.", ""));
  }

  /** Refuses what gives random numbers or reads files; notes what a training mode does. */
  private void requireAllowed(String operator, Nodes.Node node) {
    if (FILES.contains(operator)) {
      throw new PalimpsestException(
          "%s is refused: it wants to use files (%s).".formatted(file, node.target()));
    }
    if (DROPOUTS.contains(operator) && isTrue(node, "train", 2) && !isZero(node, "p", 1)) {
      throw new PalimpsestException(
          file
              + " was exported in training mode: its dropout draws random numbers, and no two runs"
              + " of it are alike. Export it after model.eval().");
    }
    boolean ofProbes = NORMS_IN_TRAINING.contains(operator);
    if ((ofProbes || NORMS.contains(operator) && isTrue(node, "training", 5)) && !isOfOne(node)) {
      notes.add(
          (keepsStatistics(node)
                  ? "exported in training mode: batch normalisation"
                  : "batch normalisation without statistics of its own")
              + " uses the statistics of the probes that are shown at once, not those of the"
              + " training");
    }
    if (OBSERVERS.contains(operator)) {
      notes.add(
          "its quantisation observes the probes that are shown at once: values depend on which"
              + " these are");
    }
    if (operator.startsWith("rand") || operator.startsWith("bernoulli")) {
      notes.add("its operator " + operator + " draws random numbers");
    }
  }

  /** Exporters that lose a region of autocast still tell of 16 bits that come from 32. */
  private void requireOwnPrecision(Nodes.Node node) {
    if (Nodes.isCast(node.target())
        && node.tensors().stream().anyMatch(result -> HALVES.contains(type(result)))
        && node.inputs().stream()
            .map(Nodes.Input::argument)
            .filter(argument -> argument.is("as_tensor"))
            .map(argument -> node.scope().of(Nodes.name(argument.value())))
            .anyMatch(tensor -> type(tensor) == FULL)) {
      throw nodes.autocast();
    }
  }

  /** The number of a tensor's type in the file, if that tells. */
  private int type(String tensor) {
    JsonNode meta = nodes.metas().get(tensor);
    if (meta == null) {
      return 0;
    }
    return (meta.path("meta").isObject() ? meta.path("meta") : meta).path("dtype").asInt();
  }

  private static boolean isTrue(Nodes.Node node, String name, int place) {
    return given(node, name, place).map(a -> a.value().asBoolean()).orElse(false);
  }

  /** Normalisation of each sample is decomposed into that of a batch of one. */
  private boolean isOfOne(Nodes.Node node) {
    return given(node, "input", 0)
        .filter(input -> input.is("as_tensor"))
        .map(input -> nodes.metas().get(node.scope().of(Nodes.name(input.value()))))
        .map(meta -> TensorMeta.of(meta, "A value of " + file).sizes())
        .filter(sizes -> !sizes.isEmpty() && sizes.get(0).is("as_int"))
        .map(sizes -> sizes.get(0).value().asLong() == 1)
        .orElse(false);
  }

  private static boolean keepsStatistics(Nodes.Node node) {
    return given(node, "running_mean", 3).filter(mean -> mean.is("as_tensor")).isPresent();
  }

  private static boolean isZero(Nodes.Node node, String name, int place) {
    return given(node, name, place).map(a -> a.value().asDouble(1) == 0).orElse(false);
  }

  private static Optional<Union> given(Nodes.Node node, String name, int place) {
    for (int i = 0; i < node.inputs().size(); i++) {
      Nodes.Input input = node.inputs().get(i);
      if (input.name().equals(name) || input.name().isEmpty() && i == place) {
        return Optional.of(input.argument());
      }
    }
    return Optional.empty();
  }

  private void expectShape(String name, Value value) {
    JsonNode meta = nodes.metas().get(name);
    if (meta != null) {
      expectShape(name, value, TensorMeta.of(meta, "Value '%s' of %s".formatted(name, file)));
    }
  }

  private boolean isTold(String value) {
    return !wronglyTold.contains(value);
  }

  /** Holds a value's shape against what the program says. */
  void expectShape(String name, Value value, TensorMeta meta) {
    List<@Nullable Argument> extents = new ArrayList<>();
    for (int i = 0; i < meta.sizes().size(); i++) {
      Union size = meta.sizes().get(i);
      Optional<String> formula = TensorMeta.formula(size);
      extents.add(
          formula.isPresent()
              ? size(formula.get()).orElse(null)
              : new Argument.Int(meta.number(size)));
    }
    graph.expect("Value '" + name + "'", value, extents);
  }

  private Optional<Argument> size(String formula) {
    return sizes.computeIfAbsent(
        formula,
        text ->
            SizeExpression.parse(text)
                .filter(size -> size.isKnown(symbols))
                .map(size -> size.in(graph, symbols)));
  }

  private Argument find(String name, Nodes.Scope scope) {
    Argument value = values.get(scope.of(name));
    if (value == null) {
      throw new PalimpsestException(
          "%s is damaged: it uses '%s' before anything gives it.".formatted(file, name));
    }
    return value;
  }
}
