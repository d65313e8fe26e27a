package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.graph.GraphReader;
import org.palimpsest.io.internal.graph.OpenGraph;
import org.palimpsest.io.internal.nn.StateDictNetwork;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Reads MONAI bundles: folders with {@code configs/inference.json} (or {@code .yaml}, or {@code
 * train} in its place) and {@code models/model.pt}. What the network needs of the configuration is
 * read, references are followed, expressions of Python are refused.
 */
public final class BundleReader implements GraphReader {

  private static final List<String> CONFIGURATIONS =
      List.of(
          "inference.json",
          "inference.yaml",
          "inference.yml",
          "train.json",
          "train.yaml",
          "train.yml");

  @Override
  public String folder() {
    return "a MONAI bundle";
  }

  @Override
  public boolean recognises(Path file, FileKind kind, NetworkOptions options) {
    return kind == FileKind.FOLDER && configuration(file).isPresent();
  }

  static Optional<Path> configuration(Path bundle) {
    return CONFIGURATIONS.stream()
        .map(name -> bundle.resolve("configs").resolve(name))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  @Override
  public OpenGraph open(Path bundle, NetworkOptions options) {
    Path configuration =
        configuration(bundle)
            .orElseThrow(() -> new PalimpsestException(bundle + " is no MONAI bundle."));
    Path weights = bundle.resolve("models").resolve(BundleWeights.USUAL);
    if (!Files.isRegularFile(weights)) {
      throw new PalimpsestException(
          "%s is a MONAI bundle without its weights: there is no %s. Download the bundle with its models."
              .formatted(bundle, weights));
    }
    UnchangedFile stamp = UnchangedFile.since(weights);
    Path described = options.architecture().orElse(configuration);
    List<String> notes = new ArrayList<>();
    notes.add("a MONAI bundle; the network is that of " + described);
    JsonNode network =
        options.architecture().isPresent()
            ? JsonFiles.read(described)
            : described(configuration, notes);
    return StateDictNetwork.open(
        stamp,
        StateDict.open(weights, options.key()).without(options.withoutPrefixes()),
        Architectures.read(network, described.toString()),
        notes);
  }

  @Override
  public List<Path> filesBeside(Path bundle, NetworkOptions options) {
    return options.architecture().or(() -> configuration(bundle)).stream().toList();
  }

  /** What is loaded when training begins is no matter where training alone is told. */
  private static JsonNode described(Path configuration, List<String> notes) {
    BundleConfiguration read = BundleConfiguration.read(configuration);
    if (InputFiles.name(configuration).startsWith("inference")) {
      BundleWeights.requireUsual(read);
    }
    JsonNode network = BundleReferences.network(read, notes);
    notes.addAll(BundleEvaluation.notes(read));
    return network;
  }

  /**
   * Which file of weights a bundle's configuration names. MONAI loads it by a {@code
   * CheckpointLoader}; what lies in the usual place may be of another training.
   */
  private static final class BundleWeights {

    /** What a bundle calls its weights unless it says otherwise. */
    static final String USUAL = "model.pt";

    private static final int DEEPEST = 100;
    private static final Pattern FILE = Pattern.compile("([\\w.-]+\\.(?:pt|pth|ckpt|ts))\\b");
    private static final Pattern REFERENCE = Pattern.compile("\\$?\\s*[@%]([\\w:#]+)\\s*");
    private static final Pattern NETWORK = Pattern.compile("@(network_def|network|net)\\b");

    private final BundleConfiguration configuration;

    private BundleWeights(BundleConfiguration configuration) {
      this.configuration = configuration;
    }

    /**
     * Makes sure that the network's weights are those in the usual place.
     *
     * @throws PalimpsestException if the configuration loads them from a file of another name
     */
    static void requireUsual(BundleConfiguration configuration) {
      BundleWeights weights = new BundleWeights(configuration);
      configuration.names().forEach(name -> weights.look(weights.entry(List.of(name)), name, 0));
    }

    /** What cannot be made matters where the network needs it, which its reader will tell. */
    private JsonNode entry(List<String> place) {
      try {
        return configuration.entry(place);
      } catch (PalimpsestException broken) {
        return MissingNode.getInstance();
      }
    }

    private void look(JsonNode node, String entry, int depth) {
      if (depth > DEEPEST) {
        return;
      }
      String target = node.path("_target_").asText("");
      boolean ofNetwork = NETWORK.matcher(node.path("load_dict").toString()).find();
      if (target.endsWith("CheckpointLoader") && ofNetwork && isEnabled(node)) {
        require(node.path("load_path").asText(""), entry, 0);
      } else if (node.isTextual() && node.textValue().contains("load_state_dict")) {
        require(node.textValue(), entry, DEEPEST);
      }
      node.forEach(inner -> look(inner, entry, depth + 1));
    }

    /** What decides by Python whether it loads anything is not known to. */
    private static boolean isEnabled(JsonNode loader) {
      return !loader.has("_disabled_")
          || loader.path("_disabled_").asText("").equalsIgnoreCase("false");
    }

    private void require(String path, String entry, int depth) {
      Matcher reference = REFERENCE.matcher(path);
      if (depth < DEEPEST && reference.matches()) {
        List<String> place = List.of(reference.group(1).replace("#", "::").split("::"));
        require(entry(place).asText(""), entry, depth + 1);
        return;
      }
      List<String> named = FILE.matcher(path).results().map(match -> match.group(1)).toList();
      if (!named.isEmpty() && !named.contains(USUAL)) { // which of several, Python may decide
        throw new PalimpsestException(
            "%s loads the network's weights from %s ('%s'), and models/%s is what is read here. Give that file with --architecture, or put it in the place of this one."
                .formatted(configuration.source(), named.get(named.size() - 1), entry, USUAL));
      }
    }
  }

  /**
   * What a bundle's evaluator does that changes what its network sees or computes: it may cut
   * images into windows, compute in half precision, or change the input by Python. Here the network
   * is shown each probe whole, in the precision of its weights.
   */
  private static final class BundleEvaluation {

    private static final int DEEPEST = 100;
    private static final int MOST_SHOWN = 160;
    private static final String MARK = "::";
    private static final Pattern REFERENCE = Pattern.compile("\\$?\\s*@([\\w:#]+)\\s*");
    private static final List<List<String>> EVALUATORS =
        List.of(List.of("evaluator"), List.of("validate", "evaluator"));

    /** Settings of MONAI's evaluators that change the network's input or how it computes. */
    private static final List<String> OF_INPUT =
        List.of("prepare_batch", "iteration_update", "to_kwargs");

    private final BundleConfiguration configuration;
    private final List<String> notes = new ArrayList<>();

    private BundleEvaluation(BundleConfiguration configuration) {
      this.configuration = configuration;
    }

    /** A sentence for each thing that is done otherwise here; none if there is no evaluator. */
    static List<String> notes(BundleConfiguration configuration) {
      BundleEvaluation evaluation = new BundleEvaluation(configuration);
      boolean any = false;
      for (List<String> place : EVALUATORS) {
        JsonNode evaluator = evaluation.followed(evaluation.entry(place), 0);
        if (evaluator.isObject()) {
          evaluation.addNotes(String.join(MARK, place), evaluator);
          any = true;
        }
      }
      if (!any) {
        evaluation.inferer("inferer", evaluation.followed(evaluation.entry(List.of("inferer")), 0));
      }
      return evaluation.notes.stream().distinct().toList();
    }

    private void addNotes(String place, JsonNode evaluator) {
      inferer(place + MARK + "inferer", followed(evaluator.path("inferer"), 0));
      JsonNode amp = followed(evaluator.path("amp"), 0);
      if (isGiven(amp) && !amp.asText().matches("(?i)\\$?\\s*false|0")) {
        notes.add(
            "'%s' is %s, so that the bundle computes in mixed precision where its device can; here it computes in that of its weights"
                .formatted(place + MARK + "amp", shown(amp)));
      }
      JsonNode mode = followed(evaluator.path("mode"), 0);
      if (isGiven(mode) && !mode.asText().toLowerCase(Locale.ROOT).contains("eval")) {
        notes.add(
            "'%s' is %s; here the network runs in evaluation mode"
                .formatted(place + MARK + "mode", shown(mode)));
      }
      for (String setting : OF_INPUT) {
        JsonNode given = followed(evaluator.path(setting), 0);
        if (isGiven(given)) {
          notes.add(
              "'%s' is %s; what it makes of the network's input is not done here"
                  .formatted(place + MARK + setting, shown(given)));
        }
      }
    }

    private void inferer(String place, JsonNode inferer) {
      String target = inferer.path("_target_").asText("");
      if (isGiven(inferer) && !target.matches("(monai\\.inferers\\.([a-z_]+\\.)?)?SimpleInferer")) {
        notes.add(
            "'%s' is %s, by which the bundle has its network see images; here it is shown each probe whole, which gives other activations wherever they depend on what lies around"
                .formatted(place, shown(inferer)));
      }
    }

    private static boolean isGiven(JsonNode node) {
      return !node.isMissingNode() && !node.isNull();
    }

    /** What cannot be made is no matter for the network, whose own reader tells of it. */
    private JsonNode entry(List<String> place) {
      try {
        return configuration.entry(place);
      } catch (PalimpsestException broken) {
        return MissingNode.getInstance();
      }
    }

    private JsonNode followed(JsonNode node, int depth) {
      Matcher reference = REFERENCE.matcher(node.isTextual() ? node.textValue() : "");
      if (depth >= DEEPEST || !reference.matches()) {
        return node;
      }
      List<String> place = List.of(reference.group(1).replace("#", MARK).split(MARK));
      JsonNode found = entry(place);
      return found.isMissingNode() ? node : followed(found, depth + 1);
    }

    private static String shown(JsonNode node) {
      String target = node.path("_target_").asText("");
      if (target.isEmpty()) {
        return shortened(node.toString());
      }
      ObjectNode others = node.deepCopy();
      others.remove(List.of("_target_", "_desc_", "_requires_"));
      String settings =
          others.properties().stream()
              .map(setting -> setting.getKey() + " " + setting.getValue())
              .collect(Collectors.joining(", "));
      String name = target.substring(target.lastIndexOf('.') + 1);
      return shortened(settings.isEmpty() ? name : "%s (%s)".formatted(name, settings));
    }

    private static String shortened(String text) {
      return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + " …";
    }
  }
}
