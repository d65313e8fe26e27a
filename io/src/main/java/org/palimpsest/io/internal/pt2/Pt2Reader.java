package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.internal.file.BoundedJson;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.graph.Extent;
import org.palimpsest.io.internal.graph.GraphBuilder;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.pt2.ExportedProgram.Union;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Programs that {@code torch.export.save} wrote (PyTorch 2.1 to 2.15), told by their content.
 *
 * <p>Layers go by the paths of the modules, a second call is {@code name#2}; several results are
 * {@code output[0]}, {@code output[1]}. In every run the shape of every value that is used is held
 * against the one that the file tells.
 */
public final class Pt2Reader implements GraphReader {

  private static final int LAST_SCHEMA = 8;

  /** From this schema on keys of the module stack tell calls of one module apart. */
  private static final int SCHEMA_OF_KEYS = 8;

  private static final int MOST_NAMED = 6;
  private static final int DEEPEST_RESULT = 20;
  private static final int LONGEST_MESSAGE = 2000;

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return kind == FileKind.TORCH_EXPORT;
  }

  @Override
  public OpenGraph open(Path file, NetworkOptions options) {
    UnchangedFile stamp = UnchangedFile.since(file);
    ExportedProgram program = ExportedProgram.open(file);
    try {
      NetworkGraph graph = new Reading(file, program).graph();
      stamp.require();
      return new OpenGraph(
          graph,
          () -> {
            program.close();
            stamp.require();
          });
    } catch (PalimpsestException refused) {
      program.close();
      String why = String.valueOf(refused.getMessage());
      String line = Union.inOneLine(why, LONGEST_MESSAGE);
      throw line.equals(why) ? refused : new PalimpsestException(line, refused);
    } catch (RuntimeException failure) {
      program.close();
      throw failure;
    }
  }

  private static final class Reading {

    private final Path file;
    private final ExportedProgram program;
    private final JsonNode root;
    private final JsonNode module;
    private final Signature signature;
    private final Nodes nodes;
    private final GraphBuilder graph;
    private final ProgramTranslator translator;
    private final Set<StoredTensor> used = new HashSet<>();
    private final Map<String, ModuleStacks.Entry> modules = new HashMap<>();
    private final ModuleStacks stacks;

    Reading(Path file, ExportedProgram program) {
      this.file = file;
      this.program = program;
      this.root = program.program();
      requireKnownSchema();
      this.module = root.path("graph_module");
      this.signature = Signature.of(module.path("signature"), file.toString());
      this.nodes = Nodes.of(module.path("graph"), file.toString());
      this.graph = NetworkGraph.builder(InputFiles.name(file));
      this.stacks = new ModuleStacks(file.toString());
      this.translator = new ProgramTranslator(file.toString(), graph, nodes, stacks);
    }

    NetworkGraph graph() {
      requireNoObjects();
      input();
      tensors();
      boolean keys = major() >= SCHEMA_OF_KEYS;
      translator.translate(signature.outputs(), keys, samples());
      outputs();
      noteWhatIsNotUsed();
      return graph.build(
          new Provenance(file.toString(), Sha256.of(file), List.of(origin(), "run as exported")));
    }

    private int major() {
      JsonNode version = root.path("schema_version");
      return version.isObject() ? version.path("major").asInt() : version.asInt();
    }

    private String origin() {
      String version = Union.shown(root.path("torch_version").asText(""));
      String schema =
          root.path("schema_version").isObject()
              ? major() + "." + root.path("schema_version").path("minor").asInt()
              : String.valueOf(major());
      return version.isEmpty()
          ? "exported with PyTorch's torch.export (schema %s)".formatted(schema)
          : "exported with PyTorch %s (schema %s)".formatted(version, schema);
    }

    private void requireKnownSchema() {
      if (!root.path("graph_module").isObject() || major() < 1) {
        throw damaged("its program has no graph");
      }
      if (major() > LAST_SCHEMA) {
        throw new PalimpsestException(
            "%s has the schema %s of torch.export; %s is the last that is known. It was written by a newer PyTorch."
                .formatted(file, major(), LAST_SCHEMA));
      }
    }

    private void requireNoObjects() {
      if (!module.path("graph").path("custom_obj_values").isEmpty()) {
        throw new PalimpsestException(
            file + " holds objects of classes of its own, which are not run here.");
      }
    }

    private PalimpsestException damaged(String why) {
      return new PalimpsestException("%s is damaged: %s.".formatted(file, why));
    }

    private TensorMeta meta(String value) {
      JsonNode meta = nodes.metas().get(nodes.root().of(value));
      if (meta == null) {
        throw damaged("it says nothing of its input '" + value + "'");
      }
      return TensorMeta.of(meta, "Input '%s' of %s".formatted(value, file));
    }

    private void input() {
      if (signature.inputs().size() != 1) {
        throw new PalimpsestException(
            "%s takes %s tensors (%s); only networks of one input can be shown probes. Wrap it in a module of one input before it is exported."
                .formatted(file, signature.inputs().size(), String.join(", ", signature.inputs())));
      }
      String name = signature.inputs().get(0);
      TensorMeta meta = meta(name);
      List<Extent> extents = new ArrayList<>();
      meta.sizes().forEach(size -> extents.add(extent(size, meta)));
      Value input = graph.input(meta.type(), extents);
      translator.define(name, input);
      for (int i = 0; i < meta.sizes().size(); i++) {
        defineSymbol(meta.sizes().get(i), input, i);
      }
      translator.expectShape(name, input, meta);
    }

    /** What the program calls the number of samples, if that may change. */
    private Optional<String> samples() {
      return meta(signature.inputs().get(0)).sizes().stream()
          .findFirst()
          .flatMap(TensorMeta::formula);
    }

    private static Optional<SizeExpression.Multiple> multiple(Union size) {
      return TensorMeta.formula(size)
          .flatMap(SizeExpression::parse)
          .flatMap(SizeExpression::multiple);
    }

    private void defineSymbol(Union size, Value input, int dimension) {
      Optional<SizeExpression.Multiple> multiple = multiple(size);
      if (multiple.isPresent() && !translator.hasSymbol(multiple.get().symbol())) {
        Value extent = graph.call("size", input, dimension);
        long factor = multiple.get().factor();
        translator.defineSymbol(
            multiple.get().symbol(), factor == 1 ? extent : graph.call("floordiv", extent, factor));
      }
    }

    /** A lower bound of 2 is what the exporter assumes of all sizes that may change. */
    private Extent extent(Union size, TensorMeta meta) {
      if (TensorMeta.formula(size).isEmpty()) {
        if (meta.number(size) == 0) {
          throw damaged("its input is empty");
        }
        return Extent.of(meta.number(size));
      }
      JsonNode ranges = root.path("range_constraints");
      JsonNode range = multiple(size).map(m -> ranges.path(m.key())).orElse(ranges.path("?"));
      long least = range.path("min_val").asLong(1);
      long most = range.path("max_val").asLong(Long.MAX_VALUE);
      long step = multiple(size).map(SizeExpression.Multiple::factor).filter(f -> f > 1).orElse(1L);
      return new Extent(
          least <= 2 * step ? step : least, Math.max(step, Math.max(least, most)), step);
    }

    private void tensors() {
      for (Nodes.Node node : nodes.all()) {
        Optional<ModuleStacks.Entry> module = stacks.innermost(node.stack());
        for (Nodes.Input input : node.inputs()) {
          if (module.isPresent() && input.argument().is("as_tensor")) {
            modules.putIfAbsent(Nodes.name(input.argument().value()), module.get());
          }
        }
      }
      for (Signature.StoredInput input : signature.tensors()) {
        StoredTensor stored = find(input);
        requireAsTold(input, stored);
        define(input.value(), path(input), stored, input.trained());
      }
      for (Map.Entry<String, JsonNode> one : module.path("graph").path("constants").properties()) {
        StoredTensor stored = program.embedded(one.getKey(), one.getValue().asText());
        define(one.getKey(), List.of(one.getKey()), stored, false);
      }
    }

    private void define(String value, List<String> path, StoredTensor stored, boolean trained) {
      used.add(stored);
      translator.define(
          value, trained ? graph.parameter(path, stored) : graph.buffer(path, stored));
    }

    /** PyTorch 2.1 mangles names; the module that uses a tensor tells its path. */
    private List<String> path(Signature.StoredInput input) {
      String name = input.name();
      int dot = name.lastIndexOf('.');
      String plain =
          Optional.ofNullable(dot > 0 ? modules.get(input.value()) : null)
              .filter(
                  module ->
                      name.startsWith("L__self__") || name.substring(0, dot).equals(module.key()))
              .map(module -> module.path() + name.substring(dot))
              .orElse(name);
      return List.of(plain.split("\\.", -1));
    }

    private StoredTensor find(Signature.StoredInput input) {
      boolean state = input.place() == Signature.Place.STATE;
      @Nullable StoredTensor found =
          (state ? program.state() : program.constants()).get(input.name());
      if (found == null) {
        found = (state ? program.constants() : program.state()).get(input.name());
      }
      if (found == null) {
        throw damaged("it has no tensor '%s', which its graph needs".formatted(input.name()));
      }
      return found;
    }

    private void requireAsTold(Signature.StoredInput input, StoredTensor stored) {
      JsonNode told = nodes.metas().get(nodes.root().of(input.value()));
      if (told == null) {
        return;
      }
      TensorMeta meta = TensorMeta.of(told, "Tensor '%s' of %s".formatted(input.name(), file));
      if (meta.type() != stored.type() || !meta.fixedSizes().equals(stored.shape())) {
        throw damaged(
            "tensor '%s' is %s %s where the graph needs %s %s"
                .formatted(
                    input.name(),
                    stored.type().displayName(),
                    stored.shape(),
                    meta.type().displayName(),
                    meta.fixedSizes()));
      }
    }

    private void outputs() {
      List<String> names = signature.outputs();
      if (names.isEmpty()) {
        throw new PalimpsestException(file + " gives no tensor, so nothing of it can be captured.");
      }
      for (int i = 0; i < names.size(); i++) {
        graph.output(names.size() == 1 ? "" : String.valueOf(i), translator.result(names.get(i)));
      }
      List<String> places = places();
      if (places.size() == names.size()) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < places.size(); i++) {
          String output = names.size() == 1 ? "it" : "[%s]".formatted(i);
          told.add("%s is result%s".formatted(output, places.get(i)));
        }
        graph.note("the results are in containers: " + String.join(", ", told));
      }
    }

    /** Where each result is within dictionaries and nested lists; none for a plain list of them. */
    private List<String> places() {
      JsonNode call = module.path("module_call_graph").path(0).path("signature");
      String text = call.path("out_spec").asText("");
      List<String> places = new ArrayList<>();
      if (!text.isEmpty() && !text.equals("null")) {
        JsonNode tree = within(text).path(1);
        addPlaces(tree, "", 0, places);
        boolean nested = false;
        for (JsonNode inner : tree.path("children_spec")) {
          nested |= !inner.path("children_spec").isEmpty();
        }
        return nested || isDictionary(tree) ? places : List.of();
      }
      return places;
    }

    private static boolean isDictionary(JsonNode tree) {
      return tree.path("type").asText().toLowerCase(Locale.ROOT).endsWith("dict");
    }

    private void addPlaces(JsonNode tree, String path, int depth, List<String> places) {
      JsonNode children = tree.path("children_spec");
      if (depth > DEEPEST_RESULT) {
        throw new PalimpsestException(
            "%s gives results in more than %s containers within each other."
                .formatted(file, DEEPEST_RESULT));
      }
      if (tree.path("type").isNull() || tree.path("type").isMissingNode()) {
        places.add(path);
        return;
      }
      JsonNode context = tree.path("context");
      JsonNode keys =
          context.isTextual() && isDictionary(tree) ? within(context.asText()) : context;
      for (int i = 0; i < children.size(); i++) {
        String key = isDictionary(tree) ? key(keys.path(i)) : String.valueOf(i);
        addPlaces(children.path(i), "%s[%s]".formatted(path, key), depth + 1, places);
      }
    }

    /** A key of a dictionary as Python writes it: a text in quotes, a number without. */
    private static String key(JsonNode key) {
      return key.isTextual()
          ? "'" + Union.shown(key.asText()).replace("\\", "\\\\").replace("'", "\\'") + "'"
          : Union.shown(key.toString());
    }

    private JsonNode within(String text) {
      return BoundedJson.read(text.getBytes(StandardCharsets.UTF_8), "The results of " + file);
    }

    private void noteWhatIsNotUsed() {
      List<String> left = new ArrayList<>();
      program
          .state()
          .forEach(
              (name, stored) -> {
                if (!used.contains(stored)) {
                  left.add(name);
                }
              });
      if (!left.isEmpty()) {
        graph.note(
            "tensors of the file that its graph does not use: "
                + String.join(", ", left.subList(0, Math.min(MOST_NAMED, left.size())))
                + (left.size() > MOST_NAMED ? " …" : ""));
      }
    }
  }
}
