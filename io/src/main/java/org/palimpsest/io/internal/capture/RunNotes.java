package org.palimpsest.io.internal.capture;

import java.util.List;
import org.palimpsest.internal.text.Names;

/** Notes on a captured result that several runtimes share. */
public final class RunNotes {

  /** Of a network that multiplies integers of 8 bits. */
  public static final String QUANTISED =
      "quantised: answers depend on the processor, since products of 8-bit integers saturate at 16"
          + " bits on those without VNNI; compare only what was captured on one kind of processor";

  private static final int MOST_NAMES = 8;
  private static final String NOT_FINITE = "holds NaN or infinite values, which no measure takes: ";

  private RunNotes() {}

  /** Of layers that answered what is not a number. */
  public static String notFinite(List<String> layers) {
    return NOT_FINITE
        + Names.shortened(layers, MOST_NAMES)
        + (layers.size() > MOST_NAMES ? " layers" : "");
  }
}
