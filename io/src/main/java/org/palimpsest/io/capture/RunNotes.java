package org.palimpsest.io.capture;

import java.util.List;
import java.util.regex.Pattern;

/** Notes on a captured result that several runtimes share. */
public final class RunNotes {

  /** Of a network that multiplies integers of 8 bits. */
  public static final String QUANTISED =
      "quantised: answers depend on the processor, since products of 8-bit integers saturate at 16"
          + " bits on those without VNNI; compare only what was captured on one kind of processor";

  private static final int MOST_NAMES = 8;
  private static final String NOT_FINITE = "holds NaN or infinite values, which no measure takes: ";

  private static final Pattern OF_DOUBT =
      Pattern.compile(
          NOT_FINITE
              + ".*|draws random .*|.*in training mode: .*|depends on which .*|left out layer.*",
          Pattern.DOTALL);

  private RunNotes() {}

  /** Of layers that answered what is not a number. */
  public static String notFinite(List<String> layers) {
    int more = layers.size() - MOST_NAMES;
    return NOT_FINITE
        + String.join(", ", layers.subList(0, Math.min(MOST_NAMES, layers.size())))
        + (more > 0 ? " and %d more layers".formatted(more) : "");
  }

  /** Whether a note says that the values may not be what they are taken for. */
  public static boolean isOfDoubt(String note) {
    return OF_DOUBT.matcher(note).matches();
  }
}
