package org.palimpsest.io.image;

import java.util.OptionalInt;

/** A file whose parts were looked at before the JDK's reader is given those that it needs. */
interface CheckedImage {

  byte[] needed();

  /** How many colours its palette has, if its pixels are places in a palette. */
  OptionalInt colours();

  /**
   * Makes sure that no pixel is missing.
   *
   * @throws org.palimpsest.core.PalimpsestException if one is
   */
  void requireWholePixels();
}
