package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.volume.MonaiForeground;
import org.palimpsest.io.internal.volume.MonaiIntensity;
import org.palimpsest.io.internal.volume.MonaiOrientation;
import org.palimpsest.io.internal.volume.MonaiSpacing;
import org.palimpsest.io.internal.volume.MonaiSpacing.Mode;
import org.palimpsest.io.internal.volume.MonaiSpacing.Padding;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;

/**
 * What MONAI does to images before its networks see them: a list of its transforms, each an object
 * with its name as {@code _target_} and its arguments, alone in a file or in a bundle's {@code
 * preprocessing}. Dictionary transforms ({@code Spacingd}) are read as their plain ones, for the
 * key of the image.
 */
public final class MonaiPreparation {

  private static final String BUNDLED = "preprocessing";

  /** Along an axis: what a NIfTI-1 file can hold, twice. */
  private static final int MOST_VOXELS = 1 << 16;

  private final String source;
  private final List<VolumeStep> steps = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final MonaiKeys keys;
  private boolean withoutChannels;

  private MonaiPreparation(String source, List<JsonNode> transforms) {
    this.source = source;
    this.keys = MonaiKeys.of(source, transforms, notes);
  }

  /**
   * Reads a list of transforms from a JSON file, or the one of a bundle.
   *
   * @throws PalimpsestException if there is none, MONAI itself refuses it, or a transform or an
   *     argument is not known here, which is named
   */
  public static PreparationPlan read(Path place) {
    boolean bundle = FileKind.of(place) == FileKind.FOLDER;
    Path file =
        bundle
            ? BundleReader.configuration(place)
                .orElseThrow(() -> new PalimpsestException(place + " is no MONAI bundle."))
            : place;
    JsonNode list =
        bundle ? BundleReferences.entry(BundleConfiguration.read(file), BUNDLED) : ofFile(file);
    List<JsonNode> transforms = MonaiTransforms.inOrder(list, file.toString());
    MonaiPreparation reading = new MonaiPreparation(file.toString(), transforms);
    transforms.forEach(reading::add);
    reading.keys.requireChannelsFirstAtTheEnd();
    ObjectNode origin = origin().put("file", file.toString()).put("sha256", Sha256.of(file));
    origin.set("transforms", list);
    return of(origin, reading.withoutChannels, reading.steps, reading.notes);
  }

  /** These steps, as MONAI's {@code LoadImage} reads images. */
  public static PreparationPlan of(List<VolumeStep> steps) {
    return of(origin(), false, steps, List.of());
  }

  private static ObjectNode origin() {
    return JsonNodeFactory.instance.objectNode().put("tool", "MONAI's transforms");
  }

  private static PreparationPlan of(
      ObjectNode origin, boolean withoutChannels, List<VolumeStep> steps, List<String> notes) {
    return new PreparationPlan(
        origin,
        withoutChannels ? VolumeFormat.MONAI_WITHOUT_CHANNELS : VolumeFormat.MONAI,
        withoutChannels ? OptionalInt.of(1) : OptionalInt.empty(),
        steps,
        List.of(),
        List.of(),
        notes);
  }

  private static JsonNode ofFile(Path file) {
    JsonNode read = JsonFiles.read(file);
    return read.isObject() && read.path(BUNDLED).isObject()
        ? BundleReferences.entry(BundleConfiguration.of(read, file.toString()), BUNDLED)
        : read;
  }

  private void add(JsonNode transform) {
    String name = MonaiTransforms.name(transform);
    Arguments arguments =
        Arguments.of("%s of %s".formatted(name, source), transform)
            .withoutEffect("_target_", "_disabled_", "_desc_", "_requires_");
    MonaiTransforms.requireEager(arguments);
    MonaiKeys.Asked asked = keys.of(arguments, transform);
    switch (MonaiTransforms.plain(name)) {
      case "LoadImage" -> loaded(arguments, asked);
      case "EnsureChannelFirst" -> channelFirst(arguments, asked);
      case "EnsureType", "ToTensor", "CastToType" -> typed(arguments, asked);
      case "Orientation" -> moveByAxes(orientation(arguments), asked);
      case "Spacing" -> moveByAxes(spacing(arguments, asked), asked);
      case "CropForeground" -> move(foreground(arguments, asked), asked);
      case "ScaleIntensity" -> change(scale(arguments), asked);
      case "ScaleIntensityRange" -> change(range(arguments), asked);
      case "ScaleIntensityRangePercentiles" -> change(percentiles(arguments), asked);
      case "NormalizeIntensity" -> change(normalise(arguments), asked);
      default ->
          throw new PalimpsestException(
              "%s has the transform '%s', which is not done here. Orientation, Spacing, CropForeground, ScaleIntensity, ScaleIntensityRange, ScaleIntensityRangePercentiles and NormalizeIntensity are."
                  .formatted(source, name));
    }
    arguments.requireAllAsked();
  }

  private void moveByAxes(VolumeStep step, MonaiKeys.Asked asked) {
    keys.requireAxesKnown(asked);
    move(step, asked);
  }

  private void move(VolumeStep step, MonaiKeys.Asked asked) {
    keys.requireImage(asked);
    keys.requireChannelsFirst(asked);
    keys.othersThatStay(asked)
        .forEach(
            key ->
                notes.add(
                    "%s does not move '%s' in this list; masks are moved with their image"
                        .formatted(asked.transform(), key)));
    steps.add(step);
  }

  private void change(MonaiIntensity step, MonaiKeys.Asked asked) {
    keys.requireImage(asked);
    if (step.channelWise()) {
      keys.requireChannelsFirst(asked);
    }
    for (String key : keys.others(asked)) {
      notes.add(
          "%s also changes the values of '%s' in this list; masks keep their labels"
              .formatted(asked.transform(), key));
    }
    steps.add(step);
  }

  private void loaded(Arguments arguments, MonaiKeys.Asked asked) {
    JsonNode reader = arguments.node("reader");
    if (!reader.isNull() && !reader.asText().matches("(?i)(monai\\.data\\.)?nibabelreader")) {
      throw arguments.wrong("reader", "NibabelReader, which reads volumes as is done here,");
    }
    if (arguments.has("dtype") && !arguments.text("dtype").matches("(np\\.|torch\\.)?float32")) {
      throw arguments.wrong("dtype", "float32");
    }
    keys.loaded(asked, arguments.truth("ensure_channel_first", false));
    if (!asked.isKeyed() && !arguments.truth("image_only", false) && arguments.has("image_only")) {
      throw arguments.wrong("image_only", "true, so that the image alone is handed on,");
    }
    if (arguments.has("prune_meta_pattern")) {
      throw arguments.wrong("prune_meta_pattern", "nothing, so that all metadata stay,");
    }
    arguments.withoutEffect("image_only", "simple_keys", "prune_meta_pattern", "prune_meta_sep");
  }

  private void channelFirst(Arguments arguments, MonaiKeys.Asked asked) {
    if (!arguments.node("channel_dim").isNull()) {
      if (!arguments.node("channel_dim").asText().equals("no_channel")) {
        throw arguments.wrong(
            "channel_dim",
            "\"no_channel\", or nothing (the channels are then a fourth axis, if the file has one),");
      }
      withoutChannels |= keys.isOfImage(asked);
    }
    keys.channelsPutFirst(asked);
    arguments.withoutEffect("strict_check");
  }

  private void typed(Arguments arguments, MonaiKeys.Asked asked) {
    if (arguments.has("dtype") && !arguments.text("dtype").matches("(np\\.|torch\\.)?float32")) {
      throw arguments.wrong("dtype", "float32");
    }
    boolean keeps =
        arguments.text("data_type", "tensor").equals("tensor")
            && (!arguments.has("track_meta") || arguments.truth("track_meta", true));
    if (!keeps) {
      keys.metadataDropped(asked);
    }
    arguments.withoutEffect("device", "track_meta", "wrap_sequence");
  }

  private static VolumeStep orientation(Arguments arguments) {
    if (!arguments.node("labels").isNull()) {
      throw arguments.wrong("labels", "nothing");
    }
    String codes = arguments.optionalText("axcodes").orElse("RAS");
    boolean canonical = arguments.truth("as_closest_canonical", false);
    if (!canonical && !arguments.has("axcodes")) {
      throw arguments.wrong("axcodes", "an orientation such as RAS");
    }
    try {
      return new MonaiOrientation(canonical ? "RAS" : codes);
    } catch (PalimpsestException none) {
      throw arguments.wrong(
          "axcodes", "one of L and R, one of P and A and one of I and S, in some order,");
    }
  }

  private VolumeStep spacing(Arguments arguments, MonaiKeys.Asked asked) {
    for (String off : List.of("scale_extent", "recompute_affine")) {
      if (arguments.truth(off, false)) {
        throw arguments.wrong(off, "false");
      }
    }
    keys.requireImage(asked);
    int at = keys.position(asked);
    JsonNode type = asked.each(arguments, "dtype", at);
    if (!type.isNull() && !type.asText().matches("(np\\.|torch\\.)?float64")) {
      throw arguments.wrong("dtype", "float64, its default,");
    }
    arguments.withoutEffect("ensure_same_shape");
    MonaiSampling sampling = MonaiSampling.of(arguments, asked, at);
    if (!arguments.has("pixdim")) {
      throw arguments.wrong("pixdim", "a number, or a list of numbers");
    }
    for (String key : keys.others(asked)) {
      MonaiSampling.noteOfLabels(arguments, asked, key).ifPresent(notes::add);
    }
    return new MonaiSpacing(
        numbers(arguments, "pixdim"),
        sampling.mode(),
        sampling.padding(),
        arguments.truth("diagonal", false),
        numbers(arguments, "min_pixdim"),
        numbers(arguments, "max_pixdim"));
  }

  private static List<Double> numbers(Arguments arguments, String name) {
    JsonNode node = arguments.node(name);
    List<Double> numbers = new ArrayList<>();
    for (JsonNode item : node.isNumber() ? List.of(node) : node) {
      if (!item.isNumber() || !Double.isFinite(item.doubleValue())) {
        throw arguments.wrong(name, "a list of numbers");
      }
      numbers.add(item.doubleValue());
    }
    if (numbers.isEmpty() && !node.isNull()) {
      throw arguments.wrong(name, "a number, or a list of numbers");
    }
    return numbers;
  }

  private VolumeStep foreground(Arguments arguments, MonaiKeys.Asked asked) {
    if (asked.isKeyed() && !arguments.text("source_key").equals(keys.image())) {
      throw arguments.wrong("source_key", "'%s', the image,".formatted(keys.image()));
    }
    if (arguments.has("select_fn")) {
      throw arguments.wrong("select_fn", "nothing, so that voxels above zero count,");
    }
    if (!arguments.text("mode", "constant").equals("constant")) {
      throw arguments.wrong("mode", "\"constant\"");
    }
    arguments.withoutEffect("start_coord_key", "end_coord_key");
    if (arguments.truth("return_coords", false)) {
      throw arguments.wrong("return_coords", "false");
    }
    List<Integer> margin = integers(arguments, "margin", 0);
    boolean within = arguments.truth("allow_smaller", false);
    if (!arguments.has("allow_smaller") && !margin.equals(List.of(0, 0, 0))) {
      notes.add(
          "CropForeground with a margin goes beyond the volume where that ends, as since MONAI 1.5;"
              + " before, it did not");
    }
    List<Integer> channels =
        arguments.node("channel_indices").isNull()
            ? List.of()
            : within(arguments, "channel_indices", arguments.integersOrOne("channel_indices"));
    return new MonaiForeground(channels, margin, within, integers(arguments, "k_divisible", 1));
  }

  private static List<Integer> integers(Arguments arguments, String name, int otherwise) {
    return within(arguments, name, arguments.integers(name, 3, otherwise));
  }

  private static List<Integer> within(Arguments arguments, String name, List<Long> numbers) {
    if (numbers.stream().anyMatch(number -> number < 0 || number > MOST_VOXELS)) {
      throw arguments.wrong(name, "an integer from 0 to %s for each axis".formatted(MOST_VOXELS));
    }
    return numbers.stream().map(Long::intValue).toList();
  }

  private static void requireFloat32(Arguments arguments) {
    if (arguments.has("dtype") && !arguments.text("dtype").matches("(np\\.|torch\\.)?float32")) {
      throw arguments.wrong("dtype", "float32, its default,");
    }
  }

  /** A number, or nothing if {@code null} is given; the default if the argument is not. */
  private static Optional<Double> number(
      Arguments arguments, String name, Optional<Double> otherwise) {
    if (!arguments.isGiven(name)) {
      return otherwise;
    }
    arguments.withoutEffect(name);
    return arguments.has(name) ? Optional.of(arguments.real(name, 0)) : Optional.empty();
  }

  private static MonaiIntensity scale(Arguments arguments) {
    requireFloat32(arguments);
    MonaiIntensity.Scale scale =
        new MonaiIntensity.Scale(
            number(arguments, "minv", Optional.of(0.0)),
            number(arguments, "maxv", Optional.of(1.0)),
            number(arguments, "factor", Optional.empty()));
    return new MonaiIntensity(scale, arguments.truth("channel_wise", false));
  }

  private static double required(Arguments arguments, String name) {
    return number(arguments, name, Optional.empty())
        .orElseThrow(() -> arguments.wrong(name, "a finite number"));
  }

  private static MonaiIntensity range(Arguments arguments) {
    requireFloat32(arguments);
    MonaiIntensity.Range range =
        new MonaiIntensity.Range(
            required(arguments, "a_min"),
            required(arguments, "a_max"),
            number(arguments, "b_min", Optional.empty()),
            number(arguments, "b_max", Optional.empty()),
            arguments.truth("clip", false));
    requireEndsToClip(arguments, range.lowest(), range.highest());
    return new MonaiIntensity(range, false);
  }

  /** MONAI has nothing to clip at otherwise, and fails. */
  private static void requireEndsToClip(
      Arguments arguments, Optional<Double> lowest, Optional<Double> highest) {
    if (arguments.truth("clip", false) && lowest.isEmpty() && highest.isEmpty()) {
      throw arguments.wrong(
          "clip", "false, since neither 'b_min' nor 'b_max' tells where to clip and MONAI fails,");
    }
  }

  private static MonaiIntensity percentiles(Arguments arguments) {
    requireFloat32(arguments);
    double lower = required(arguments, "lower");
    double upper = required(arguments, "upper");
    if (lower < 0 || lower > 100 || upper < 0 || upper > 100) {
      throw arguments.wrong("lower", "a percentage, as 'upper' is,");
    }
    Optional<Double> lowest = number(arguments, "b_min", Optional.empty());
    Optional<Double> highest = number(arguments, "b_max", Optional.empty());
    boolean relative = arguments.truth("relative", false);
    if (relative && (lowest.isEmpty() || highest.isEmpty())) {
      throw arguments.wrong("relative", "false, where 'b_min' or 'b_max' is not given,");
    }
    requireEndsToClip(arguments, lowest, highest);
    return new MonaiIntensity(
        new MonaiIntensity.Percentiles(
            lower, upper, lowest, highest, arguments.truth("clip", false), relative),
        arguments.truth("channel_wise", false));
  }

  private static MonaiIntensity normalise(Arguments arguments) {
    requireFloat32(arguments);
    boolean channelWise = arguments.truth("channel_wise", false);
    List<Double> minus = numbers(arguments, "subtrahend");
    List<Double> by = numbers(arguments, "divisor");
    for (String name : List.of("subtrahend", "divisor")) {
      boolean list = arguments.node(name).isArray();
      if (list != channelWise && arguments.has(name)) {
        throw arguments.wrong(
            name,
            channelWise ? "a list, one for each channel" : "a number, since 'channel_wise' is not");
      }
    }
    return new MonaiIntensity(
        new MonaiIntensity.Normalise(minus, by, arguments.truth("nonzero", false)), channelWise);
  }

  /**
   * How MONAI's {@code Spacing} makes voxels of others. An integer as {@code mode} is the order of
   * SciPy's splines, and a text one of PyTorch's modes, so that 1 and "1" differ beyond the border
   * and 3 and "3" everywhere.
   */
  private record MonaiSampling(Mode mode, Padding padding) {

    private static final String MODE = "mode";
    private static final String PADDING = "padding_mode";
    private static final String CORNERS = "align_corners";

    static MonaiSampling of(Arguments arguments, MonaiKeys.Asked asked, int at) {
      JsonNode mode = asked.each(arguments, MODE, at);
      JsonNode padding = asked.each(arguments, PADDING, at);
      JsonNode corners = asked.each(arguments, CORNERS, at);
      for (String name : List.of(MODE, PADDING)) {
        boolean nothing = arguments.isGiven(name) && !arguments.has(name);
        if (nothing && !asked.isKeyed()) { // only Spacingd has a default behind it
          throw arguments.wrong(name, "a value, or no '%s' at all,".formatted(name));
        }
      }
      if (!padding.isTextual() && !padding.isNull()) {
        throw arguments.wrong(PADDING, "\"border\" or \"zeros\"");
      }
      if (!mode.isIntegralNumber()) {
        return new MonaiSampling(ofPyTorch(arguments, mode), ofPyTorchBeyond(arguments, padding));
      }
      if (corners.asBoolean(false)) {
        throw arguments.wrong(CORNERS, "false, which counts since 'mode' is an integer,");
      }
      return ofSciPy(arguments, mode.asText(), padding.asText());
    }

    private static Mode ofPyTorch(Arguments arguments, JsonNode mode) {
      return switch (mode.isNull() || mode.isTextual() ? mode.asText() : "") {
        case "null", "bilinear", "linear", "trilinear", "1" -> Mode.BILINEAR;
        case "nearest" -> Mode.NEAREST;
        default -> throw arguments.wrong(MODE, "\"bilinear\", \"nearest\", or the integer 1 or 3");
      };
    }

    private static Padding ofPyTorchBeyond(Arguments arguments, JsonNode padding) {
      return switch (padding.asText()) {
        case "null", "border", "nearest" -> Padding.BORDER;
        case "zeros", "constant", "grid-constant" -> Padding.ZEROS;
        default -> throw arguments.wrong(PADDING, "\"border\" or \"zeros\"");
      };
    }

    /** What is zero from the border on hangs on rounding at the border itself, so is not done. */
    private static MonaiSampling ofSciPy(Arguments arguments, String order, String padding) {
      if (!order.matches("[13]")) {
        throw arguments.wrong(MODE, "\"bilinear\", \"nearest\", or the integer 1 or 3");
      }
      Mode mode = order.equals("1") ? Mode.BILINEAR : Mode.CUBIC;
      if (padding.matches("null|border|nearest")) {
        return new MonaiSampling(mode, Padding.BORDER);
      }
      if (mode == Mode.BILINEAR && padding.equals("grid-constant")) {
        return new MonaiSampling(mode, Padding.ZEROS);
      }
      throw arguments.wrong(
          PADDING,
          mode == Mode.BILINEAR
              ? "\"border\", or \"bilinear\" as 'mode', since with an integer there MONAI's voxels at the border itself hang on rounding,"
              : "\"border\", with the mode 3,");
    }

    /** How a list samples the labels, where that is not what is done to masks here. */
    static Optional<String> noteOfLabels(Arguments arguments, MonaiKeys.Asked asked, String key) {
      int at = asked.names().indexOf(key);
      JsonNode mode = asked.each(arguments, MODE, at);
      String padding = asked.each(arguments, PADDING, at).asText("border");
      boolean same = mode.asText().equals("nearest") && padding.matches("null|border|nearest");
      return same
          ? Optional.empty()
          : Optional.of(
              "%s samples '%s' by %s with the padding '%s' in this list; masks take the nearest voxel, and the border's beyond it"
                  .formatted(
                      asked.transform(), key, mode.isNull() ? "\"bilinear\"" : mode, padding));
    }
  }
}
