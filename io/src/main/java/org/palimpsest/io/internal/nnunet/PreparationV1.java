package org.palimpsest.io.internal.nnunet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.pytorch.PickledSettings;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.NormalisingOfVersion1;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.Resampling;
import org.palimpsest.io.internal.volume.Transposition;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;

/**
 * What nnU-Net v1 does to images before its networks see them, as the plans in its pickles tell:
 * cropped to what is not zero, axes transposed, resampled, and normalised thereafter.
 */
final class PreparationV1 {

  private static final String LOWRES = "3d_lowres";
  private static final String FULLRES = "3d_fullres";
  private static final String CASCADE = "3d_cascade_fullres";
  private static final String FLAT = "2d";
  private static final List<String> CONFIGURATIONS = List.of(FLAT, LOWRES, FULLRES, CASCADE);

  private static final String VOLUMES = "GenericPreprocessor";
  private static final String SLICES = "PreprocessorFor2D";
  private static final String LINEAR = "GenericPreprocessor_linearResampling";
  private static final String BYTES = "GenericPreprocessor_scale_uint8_to_0_1";
  private static final String UNRESAMPLED = "PreprocessorFor3D_NoResampling";
  private static final List<String> PREPROCESSORS =
      List.of(VOLUMES, SLICES, LINEAR, BYTES, UNRESAMPLED);

  private static final int CUBIC = 3;
  private static final int AXES = 3;

  private final Path file;
  private final JsonNode plans;
  private final String configuration;
  private final Arguments whole;
  private final Arguments stage;

  private PreparationV1(Path file, JsonNode plans, String configuration, String number) {
    this.file = file;
    this.plans = plans;
    this.configuration = configuration;
    this.whole = Arguments.of("The plans of " + file, plans);
    this.stage =
        Arguments.of(
            "Stage %s of the plans of %s".formatted(number, file),
            plans.path("plans_per_stage").path(number));
  }

  /**
   * Reads it from {@code plans.pkl}, or from the pickle beside a checkpoint.
   *
   * @param asked {@code 2d}, {@code 3d_lowres}, {@code 3d_fullres} or {@code 3d_cascade_fullres};
   *     may be left out where there is one alone, the checkpoint tells its stage, or the results
   *     lie in a folder of that name, as v1 puts them
   * @throws PalimpsestException if it holds no plans, or asks for what is not done here
   */
  static PreparationPlan read(Path file, Optional<String> asked) {
    JsonNode settings = PickledSettings.read(file);
    JsonNode plans = settings.has("plans_per_stage") ? settings : settings.path("plans");
    if (plans.path("plans_per_stage").isEmpty()) {
      throw new PalimpsestException(
          file
              + " holds no plans of nnU-Net v1, as plans.pkl and what lies beside its checkpoints"
              + " (.model.pkl) do.");
    }
    List<String> known = configurations(plans, file);
    String chosen =
        asked
            .or(() -> told(settings, known))
            .or(() -> named(file, known))
            .orElseGet(() -> only(file, known));
    if (!known.contains(chosen)) {
      throw new PalimpsestException(
          "%s has no configuration '%s'. It has %s."
              .formatted(file, chosen, String.join(", ", known)));
    }
    String number =
        chosen.equals(FULLRES) || chosen.equals(CASCADE)
            ? String.valueOf(plans.path("plans_per_stage").size() - 1)
            : "0";
    return new PreparationV1(file, plans, chosen, number).preparation();
  }

  /** By what v1 calls its networks: slices, or volumes in one stage or two. */
  private static List<String> configurations(JsonNode plans, Path file) {
    JsonNode stages = plans.path("plans_per_stage");
    if (stages.size() > 2 || !stages.has("0") || stages.size() == 2 && !stages.has("1")) {
      List<String> names = new ArrayList<>();
      stages.fieldNames().forEachRemaining(names::add);
      throw new PalimpsestException(
          "%s has plans of the stages %s, where nnU-Net v1 has 0, or 0 and 1."
              .formatted(file, names));
    }
    if (stages.path("0").path("patch_size").size() == 2) {
      return List.of(FLAT);
    }
    return stages.size() == 1 ? List.of(FULLRES) : List.of(LOWRES, FULLRES, CASCADE);
  }

  /** The configuration of a checkpoint, by the stage and the trainer that are told beside it. */
  private static Optional<String> told(JsonNode settings, List<String> known) {
    JsonNode stage = settings.path("init").path(5);
    if (!stage.isIntegralNumber() || stage.asLong() < 0 || stage.asLong() > 1) {
      return Optional.empty();
    }
    boolean second = settings.path("name").asText().contains("CascadeFullRes");
    int place = stage.asInt() == 1 && second ? 2 : stage.asInt();
    return place < known.size() ? Optional.of(known.get(place)) : Optional.empty();
  }

  /** Results lie in CONFIGURATION/TASK/TRAINER__PLANS. */
  private static Optional<String> named(Path file, List<String> known) {
    for (Path above = file.toAbsolutePath().normalize(); above != null; above = above.getParent()) {
      String name = InputFiles.name(above);
      if (CONFIGURATIONS.contains(name) && known.contains(name)) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  private static String only(Path file, List<String> known) {
    if (known.size() > 1) {
      throw new PalimpsestException(
          "%s has the configurations %s. Say which with --configuration."
              .formatted(file, String.join(", ", known)));
    }
    return known.get(0);
  }

  private PreparationPlan preparation() {
    List<Integer> patch = patch();
    String preprocessor = whole.text("preprocessor_name", patch.size() == 2 ? SLICES : VOLUMES);
    if (!PREPROCESSORS.contains(preprocessor)) {
      throw whole.wrong(
          "preprocessor_name",
          "%s, which are known here,".formatted(String.join(", ", PREPROCESSORS)));
    }
    List<NormalisingOfVersion1.Channel> channels = channels(preprocessor.equals(BYTES));
    List<VolumeStep> steps = new ArrayList<>();
    steps.add(new NonzeroCrop(true));
    steps.add(new Transposition(transposition()));
    if (!preprocessor.equals(UNRESAMPLED)) {
      steps.add(resampling(preprocessor));
    }
    steps.add(new NormalisingOfVersion1(channels));
    ObjectNode origin =
        JsonNodeFactory.instance
            .objectNode()
            .put("tool", "nnU-Net v1")
            .put("file", file.toString())
            .put("sha256", Sha256.of(file))
            .put("configuration", configuration);
    return new PreparationPlan(
        origin,
        VolumeFormat.SIMPLE_ITK,
        OptionalInt.of(channels.size()),
        steps,
        patch,
        List.of(),
        notes());
  }

  private List<String> notes() {
    return configuration.equals(CASCADE)
        ? List.of(
            "the network of '%s' also takes what '%s' found, a channel for each label, which is not made here"
                .formatted(CASCADE, LOWRES))
        : List.of();
  }

  private List<Integer> patch() {
    List<Long> size = stage.integers("patch_size");
    if ((size.size() != 2 && size.size() != AXES)
        || size.stream().anyMatch(extent -> extent < 1 || extent > 1 << 16)) {
      throw stage.wrong("patch_size", "two or three extents");
    }
    return size.stream().map(Long::intValue).toList();
  }

  private List<Integer> transposition() {
    if (!whole.has("transpose_forward")) {
      return List.of(0, 1, 2);
    }
    List<Long> order = whole.integers("transpose_forward", AXES);
    if (!Set.copyOf(order).equals(Set.of(0L, 1L, 2L))) {
      throw whole.wrong("transpose_forward", "an order of the axes 0, 1 and 2");
    }
    return order.stream().map(Long::intValue).toList();
  }

  /** Slices keep the distance that they have, in whatever the plan says of it. */
  private Resampling resampling(String preprocessor) {
    boolean slices = preprocessor.equals(SLICES) || preprocessor.equals(BYTES);
    JsonNode given = stage.node("current_spacing");
    List<Double> spacing = new ArrayList<>();
    for (int axis = slices ? 1 : 0; axis < given.size(); axis++) {
      double distance = given.get(axis).isNumber() ? given.get(axis).doubleValue() : 0;
      if (!(distance > 0) || !Double.isFinite(distance)) {
        throw stage.wrong("current_spacing", "a list of positive numbers");
      }
      spacing.add(distance);
    }
    if (given.size() != AXES) {
      throw stage.wrong("current_spacing", "a list of three numbers");
    }
    return new Resampling(
        spacing,
        new Resampling.Rule(preprocessor.equals(LINEAR) ? 1 : CUBIC, 0, Optional.empty()),
        new Resampling.Rule(1, 0, Optional.empty()),
        Resampling.LabelChoice.HALF);
  }

  private List<NormalisingOfVersion1.Channel> channels(boolean bytes) {
    long count = whole.integer("num_modalities");
    JsonNode schemes = whole.node("normalization_schemes");
    JsonNode masked = whole.node("use_mask_for_norm");
    List<NormalisingOfVersion1.Channel> channels = new ArrayList<>();
    for (int channel = 0; channel < count; channel++) {
      JsonNode scheme = schemes.path(String.valueOf(channel));
      JsonNode within = masked.path(String.valueOf(channel));
      if (!scheme.isTextual() || !within.isBoolean()) {
        throw scheme.isTextual()
            ? whole.wrong(
                "use_mask_for_norm", "true or false for each of %s channels".formatted(count))
            : whole.wrong(
                "normalization_schemes", "a name for each of %s channels".formatted(count));
      }
      channels.add(
          new NormalisingOfVersion1.Channel(
              bytes ? new NormalisingOfVersion1.Byte01() : scheme(scheme.textValue(), channel),
              within.booleanValue() && !bytes));
    }
    if (channels.isEmpty()) {
      throw whole.wrong("num_modalities", "a number of channels, at least 1");
    }
    return channels;
  }

  /** What is none of the names that v1 looks for is nonCT to it. */
  private NormalisingOfVersion1.Scheme scheme(String name, int channel) {
    return switch (name) {
      case "CT" -> {
        Arguments found = intensities(channel, "percentile_00_5", "percentile_99_5", "mean", "sd");
        double deviation = found.real("sd", 0);
        if (!(deviation > 0)) {
          throw found.wrong("sd", "a positive number");
        }
        yield new NormalisingOfVersion1.Ct(
            found.real("percentile_00_5", 0),
            found.real("percentile_99_5", 0),
            found.real("mean", 0),
            deviation);
      }
      case "CT2" -> {
        Arguments found = intensities(channel, "percentile_00_5", "percentile_99_5");
        yield new NormalisingOfVersion1.Ct2(
            found.real("percentile_00_5", 0), found.real("percentile_99_5", 0));
      }
      case "noNorm" -> new NormalisingOfVersion1.Unchanged();
      default -> new NormalisingOfVersion1.ZScore();
    };
  }

  private Arguments intensities(int channel, String... needed) {
    Arguments found =
        Arguments.of(
            "intensityproperties[%s] of %s".formatted(channel, file),
            plans
                .path("dataset_properties")
                .path("intensityproperties")
                .path(String.valueOf(channel)));
    for (String name : needed) {
      if (!found.node(name).isNumber()) {
        throw found.wrong(name, "a number");
      }
    }
    return found;
  }
}
