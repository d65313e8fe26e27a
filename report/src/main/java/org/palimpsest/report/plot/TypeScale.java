package org.palimpsest.report.plot;

import java.awt.Font;

/**
 * The sizes of type in one picture.
 *
 * @param factor more than 1 for large pictures, which are shown smaller than they are
 */
record TypeScale(double factor) {

  private static final double REFERENCE = 700;
  private static final double MOST = 1.9;
  private static final double SHEET_REFERENCE = 950;
  private static final double SHEET_MOST = 1.45;

  static TypeScale forLength(double points) {
    return new TypeScale(Math.min(MOST, Math.max(1, points / REFERENCE)));
  }

  /** For pictures of many panes, which are looked at more closely. */
  static TypeScale forSheet(double points) {
    return new TypeScale(Math.min(SHEET_MOST, Math.max(1, points / SHEET_REFERENCE)));
  }

  Font title() {
    return font(Font.BOLD, 15 * factor);
  }

  Font subtitle() {
    return font(Font.PLAIN, 11 * factor);
  }

  Font label() {
    return font(Font.PLAIN, 12 * factor);
  }

  Font tick() {
    return font(Font.PLAIN, 11 * factor);
  }

  /** A size that does not grow with the picture. */
  static Font plain(double size) {
    return font(Font.PLAIN, size);
  }

  private static Font font(int style, double size) {
    return new Font(Font.SANS_SERIF, style, 1).deriveFont((float) size);
  }
}
