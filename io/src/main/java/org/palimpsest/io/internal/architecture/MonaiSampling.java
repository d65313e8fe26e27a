package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.volume.MonaiSpacing.Mode;
import org.palimpsest.io.internal.volume.MonaiSpacing.Padding;

/**
 * How MONAI's {@code Spacing} makes voxels of others. An integer as {@code mode} is the order of
 * SciPy's splines, and a text one of PyTorch's modes, so that 1 and "1" differ beyond the border
 * and 3 and "3" everywhere.
 */
record MonaiSampling(Mode mode, Padding padding) {

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
                .formatted(asked.transform(), key, mode.isNull() ? "\"bilinear\"" : mode, padding));
  }
}
