package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.Normalising;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.Resampling;
import org.palimpsest.io.internal.volume.Transposition;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;
import org.palimpsest.io.network.NetworkOptions;

/**
 * What nnU-Net does to images before its networks see them, as its plans tell. Of v2 they are read
 * by the reader that the plans name, axes are transposed, and volumes cropped to what is not zero,
 * normalised and resampled; of v1 see {@link PreparationV1}.
 */
public final class NnUnetPreparation {

  private static final String PLANS = "plans.json";
  private static final String DATASET = "dataset.json";
  private static final String PLANS_OF_VERSION_1 = "plans.pkl";
  private static final String DEFAULT = "DefaultPreprocessor";
  private static final String INTENSITIES = "foreground_intensity_properties_per_channel";
  private static final String OLDER_INTENSITIES = "foreground_intensity_properties_by_modality";
  private static final String RESAMPLING = "resample_data_or_seg_to_shape";

  private final String source;
  private final JsonNode plans;
  private final JsonNode dataset;
  private final String configuration;
  private final ObjectNode origin;

  private NnUnetPreparation(
      Path file, String sha256, JsonNode plans, JsonNode dataset, String configuration) {
    this.source = file.toString();
    this.plans = plans;
    this.dataset = dataset;
    this.configuration = configuration;
    this.origin =
        JsonNodeFactory.instance
            .objectNode()
            .put("tool", "nnU-Net v2")
            .put("file", source)
            .put("sha256", sha256)
            .put("configuration", configuration);
  }

  /**
   * Reads it from a checkpoint, a results folder, {@code plans.json}, beside which {@code
   * dataset.json} may lie, or {@code plans.pkl} of v1.
   *
   * @param configuration such as {@code 3d_fullres}; may be left out where there is one alone, or a
   *     checkpoint tells it
   * @throws PalimpsestException if it is none of these, or asks for what is not done here, which is
   *     named
   */
  public static PreparationPlan read(Path place, Optional<String> configuration) {
    return FileKind.of(place) == FileKind.FOLDER
        ? ofFolder(place, configuration)
        : ofFile(place, configuration);
  }

  private static PreparationPlan ofFile(Path file, Optional<String> configuration) {
    return switch (FileKind.of(InputFiles.require(file))) {
      case TORCH_CHECKPOINT, TORCH_LEGACY ->
          Files.isRegularFile(NnUnetReader.beside(file))
              ? PreparationV1.read(NnUnetReader.beside(file), configuration)
              : ofCheckpoint(file, configuration);
      case PICKLE -> PreparationV1.read(file, configuration);
      default -> ofPlans(file, configuration);
    };
  }

  private static PreparationPlan ofPlans(Path file, Optional<String> configuration) {
    JsonNode plans = JsonFiles.read(file);
    Path beside = file.resolveSibling(DATASET);
    JsonNode dataset =
        Files.isRegularFile(beside)
            ? JsonFiles.read(beside)
            : JsonNodeFactory.instance.missingNode();
    return new NnUnetPreparation(
            file, Sha256.of(file), plans, dataset, chosen(file, plans, configuration))
        .preparation();
  }

  private static String chosen(Path file, JsonNode plans, Optional<String> configuration) {
    List<String> known = new ArrayList<>();
    plans.path("configurations").fieldNames().forEachRemaining(known::add);
    if (known.isEmpty()) {
      throw new PalimpsestException(
          file + " has no 'configurations': it is no plan of nnU-Net v2 (plans.json).");
    }
    if (configuration.isEmpty() && known.size() > 1) {
      throw new PalimpsestException(
          "%s has the configurations %s. Say which with --configuration."
              .formatted(file, String.join(", ", known)));
    }
    return configuration.orElse(known.get(0));
  }

  private static PreparationPlan ofFolder(Path folder, Optional<String> configuration) {
    Optional<ResultsFolder> results = ResultsFolder.in(folder);
    Optional<Path> plans =
        results.isPresent()
            ? results.get().shared(PLANS)
            : Optional.of(folder.resolve(PLANS)).filter(Files::isRegularFile);
    if (plans.isEmpty()) {
      return withoutPlans(folder, results, configuration);
    }
    return ofPlans(plans.get(), configuration.or(() -> told(folder, results)));
  }

  /** A folder of v1, or of v2 whose checkpoints tell the plans. */
  private static PreparationPlan withoutPlans(
      Path folder, Optional<ResultsFolder> results, Optional<String> configuration) {
    if (results.isPresent()) {
      return ofFile(results.get().choose(NetworkOptions.none()).file(), configuration);
    }
    Path plans = folder.resolve(PLANS_OF_VERSION_1);
    if (!Files.isRegularFile(plans)) {
      throw new PalimpsestException(
          "%s holds no %s, no %s and no checkpoint of nnU-Net."
              .formatted(folder, PLANS, PLANS_OF_VERSION_1));
    }
    return PreparationV1.read(plans, configuration);
  }

  /** The folder's name tells it; if it was renamed, a checkpoint does. */
  private static Optional<String> told(Path folder, Optional<ResultsFolder> results) {
    return results.map(
        found ->
            TorchWeights.open(found.choose(NetworkOptions.none()).file())
                .settings()
                .path("init_args")
                .path("configuration")
                .asText());
  }

  private static PreparationPlan ofCheckpoint(Path file, Optional<String> configuration) {
    JsonNode arguments = TorchWeights.open(file).settings().path("init_args");
    if (!arguments.path("plans").isObject()) {
      throw new PalimpsestException(
          "%s is no checkpoint of nnU-Net v2: it holds no plans. Give plans.json.".formatted(file));
    }
    String own = arguments.path("configuration").asText();
    return new NnUnetPreparation(
            file,
            Sha256.of(file),
            arguments.path("plans"),
            arguments.path("dataset_json"),
            configuration.orElse(own))
        .preparation();
  }

  private PreparationPlan preparation() {
    JsonNode chosen = new PlansV2(source, plans, dataset).configuration(configuration);
    Arguments arguments =
        Arguments.of("Configuration '%s' of %s".formatted(configuration, source), chosen);
    String preprocessor = arguments.text("preprocessor_name", DEFAULT);
    if (!preprocessor.equals(DEFAULT)) {
      throw arguments.wrong("preprocessor_name", DEFAULT + ", the only one that is known here,");
    }
    List<Normalising.Scheme> schemes = schemes(arguments);
    List<Integer> patch = patch(arguments);
    Arguments whole = Arguments.of(source, plans);
    List<VolumeStep> steps =
        List.of(
            new Transposition(transposition(whole)),
            new NonzeroCrop(false),
            new Normalising(schemes),
            resampling(arguments, patch.size()));
    return new PreparationPlan(
        origin,
        VolumeFormat.named(whole.text("image_reader_writer"), source),
        OptionalInt.of(schemes.size()),
        steps,
        patch,
        foreground(),
        notes(chosen),
        0,
        stageBefore(chosen));
  }

  private List<String> notes(JsonNode chosen) {
    return chosen.hasNonNull("previous_stage") && stageBefore(chosen).isEmpty()
        ? List.of(
            "the network of '%s' also takes what '%s' found, a channel for each label, and no dataset.json beside its plans tells these: put it there, and give segmentations as --previous"
                .formatted(configuration, chosen.path("previous_stage").asText()))
        : List.of();
  }

  /** Of a cascade's second network the labels that the first finds, in nnU-Net's order. */
  private List<Integer> stageBefore(JsonNode chosen) {
    return chosen.hasNonNull("previous_stage")
        ? foreground().stream()
            .flatMap(Set::stream)
            .filter(label -> label != 0)
            .distinct()
            .sorted()
            .toList()
        : List.of();
  }

  private static List<Integer> transposition(Arguments plans) {
    List<Long> order = plans.integers("transpose_forward", 3);
    if (!Set.copyOf(order).equals(Set.of(0L, 1L, 2L))) {
      throw plans.wrong("transpose_forward", "an order of the axes 0, 1 and 2");
    }
    return order.stream().map(Long::intValue).toList();
  }

  private static List<Integer> patch(Arguments arguments) {
    List<Long> size = arguments.integersOrOne("patch_size");
    if ((size.size() != 2 && size.size() != 3)
        || size.stream().anyMatch(extent -> extent < 1 || extent > 1 << 16)) {
      throw arguments.wrong("patch_size", "two or three extents");
    }
    return size.stream().map(Long::intValue).toList();
  }

  private List<Normalising.Scheme> schemes(Arguments arguments) {
    JsonNode names = arguments.node("normalization_schemes");
    JsonNode masked = arguments.node("use_mask_for_norm");
    if (!names.isArray() || names.isEmpty() || masked.size() != names.size()) {
      throw arguments.wrong(
          "normalization_schemes", "a list, with as many entries in 'use_mask_for_norm'");
    }
    List<Normalising.Scheme> schemes = new ArrayList<>();
    for (int channel = 0; channel < names.size(); channel++) {
      if (!masked.get(channel).isBoolean()) {
        throw arguments.wrong("use_mask_for_norm", "a list of true and false");
      }
      schemes.add(
          switch (names.get(channel).asText()) {
            case "CTNormalization" -> ct(channel);
            case "ZScoreNormalization" ->
                new Normalising.ZScore(masked.get(channel).booleanValue());
            case "RescaleTo01Normalization" -> new Normalising.RescaleTo01();
            case "RGBTo01Normalization" -> new Normalising.RgbTo01();
            case "NoNormalization" -> new Normalising.Unchanged();
            default ->
                throw arguments.wrong(
                    "normalization_schemes",
                    "a list of CTNormalization, ZScoreNormalization, RescaleTo01Normalization, RGBTo01Normalization and NoNormalization, which are known here,");
          });
    }
    return schemes;
  }

  /** Early plans of version 2 have an older name, which counts where the newer is not there. */
  private Normalising.Ct ct(int channel) {
    String name =
        plans.has(INTENSITIES) || !plans.has(OLDER_INTENSITIES) ? INTENSITIES : OLDER_INTENSITIES;
    JsonNode properties = plans.path(name).path(String.valueOf(channel));
    if (properties.isMissingNode()) {
      throw new PalimpsestException(
          "%s has no '%s' of the channel %s, of which CTNormalization is made."
              .formatted(source, name, channel));
    }
    Arguments found = Arguments.of("%s['%s'] of %s".formatted(name, channel, source), properties);
    for (String property : List.of("percentile_00_5", "percentile_99_5", "mean", "std")) {
      if (!found.node(property).isNumber()) {
        throw found.wrong(property, "a number");
      }
    }
    return new Normalising.Ct(
        found.real("percentile_00_5", 0),
        found.real("percentile_99_5", 0),
        found.real("mean", 0),
        found.real("std", 0));
  }

  private static Resampling resampling(Arguments arguments, int axes) {
    List<Double> spacing = new ArrayList<>();
    for (JsonNode distance : arguments.node("spacing")) {
      double size = distance.isNumber() ? distance.doubleValue() : 0;
      if (!(size > 0) || !Double.isFinite(size)) {
        throw arguments.wrong("spacing", "a list of positive numbers");
      }
      spacing.add(distance.doubleValue());
    }
    if (spacing.size() != axes) {
      throw arguments.wrong("spacing", "a list of as many numbers as 'patch_size' has");
    }
    return new Resampling(
        spacing,
        rule(arguments, "data", false),
        rule(arguments, "seg", true),
        Resampling.LabelChoice.GREATEST_SHARE);
  }

  private static Resampling.Rule rule(Arguments arguments, String of, boolean labels) {
    String name = "resampling_fn_" + of;
    if (!arguments.text(name).equals(RESAMPLING)) {
      throw arguments.wrong(name, RESAMPLING + ", the only one that is known here,");
    }
    Arguments inner = arguments.within(name + "_kwargs");
    if (inner.truth("is_seg", false) != labels) {
      throw inner.wrong("is_seg", String.valueOf(labels));
    }
    boolean decided = inner.isGiven("force_separate_z") && !inner.has("force_separate_z");
    Optional<Boolean> separate =
        decided ? Optional.empty() : Optional.of(inner.truth("force_separate_z", false));
    Resampling.Rule rule =
        new Resampling.Rule(
            order(inner, "order", 3, labels ? 1 : 3),
            order(inner, "order_z", 0, labels ? 0 : 3),
            separate);
    inner.withoutEffect("force_separate_z").requireAllAsked();
    return rule;
  }

  private static int order(Arguments arguments, String name, int otherwise, int most) {
    long order = arguments.integer(name, otherwise);
    if (order < 0 || order == 2 || order > most) {
      throw arguments.wrong(
          name,
          switch (most) {
            case 0 -> "0, the only order of splines that is done here for masks across slices,";
            case 1 -> "0 or 1, the orders of splines that are done here for masks,";
            default -> "0, 1 or 3, the orders of splines that are done here,";
          });
    }
    return (int) order;
  }

  /** The labels or regions that nnU-Net centres patches on. */
  private List<Set<Integer>> foreground() {
    List<Set<Integer>> groups = new ArrayList<>();
    for (var label : dataset.path("labels").properties()) {
      Set<Integer> values = new TreeSet<>();
      JsonNode value = label.getValue();
      for (JsonNode item : value.isArray() ? value : List.of(value)) {
        if (!item.isIntegralNumber() || !item.canConvertToInt()) {
          throw new PalimpsestException(
              "dataset.json of %s gives the label '%s' as %s, where an integer is expected, or a list of such."
                  .formatted(source, label.getKey(), value));
        }
        values.add(item.intValue());
      }
      if (!label.getKey().equals("ignore") && !values.equals(Set.of(0))) {
        groups.add(values);
      }
    }
    return groups.stream().distinct().collect(Collectors.toUnmodifiableList());
  }
}
