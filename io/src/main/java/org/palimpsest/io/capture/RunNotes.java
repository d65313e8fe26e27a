package org.palimpsest.io.capture;

/** Notes on a captured result that several runtimes share. */
public final class RunNotes {

  /** Of a network that multiplies integers of 8 bits. */
  public static final String QUANTISED =
      "quantised: answers depend on the processor, since products of 8-bit integers saturate at 16"
          + " bits on those without VNNI; compare only what was captured on one kind of processor";

  private RunNotes() {}
}
