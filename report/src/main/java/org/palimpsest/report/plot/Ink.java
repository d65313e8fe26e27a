package org.palimpsest.report.plot;

import java.awt.Font;
import java.awt.Graphics2D;
import org.palimpsest.internal.text.VisibleText;

/** Texts on a canvas, placed by the middle of their height. */
final class Ink {

  private static final double MIDDLE_ABOVE_BASELINE = 0.36;

  private Ink() {}

  static void left(Graphics2D graphics, String text, Font font, double x, double middle) {
    at(graphics, VisibleText.of(text), font, x, middle);
  }

  static void right(Graphics2D graphics, String text, Font font, double x, double middle) {
    String shown = VisibleText.of(text);
    at(graphics, shown, font, x - HouseStyle.width(shown, font), middle);
  }

  static void centred(Graphics2D graphics, String text, Font font, double x, double middle) {
    String shown = VisibleText.of(text);
    at(graphics, shown, font, x - HouseStyle.width(shown, font) / 2, middle);
  }

  /** Read from below, its middle at the given point. */
  static void upwards(Graphics2D graphics, String text, Font font, double x, double y) {
    Graphics2D turned = turned(graphics, x, y);
    centred(turned, text, font, 0, 0);
    turned.dispose();
  }

  /** Read from below, its end at the given point. */
  static void upwardsTo(Graphics2D graphics, String text, Font font, double x, double y) {
    Graphics2D turned = turned(graphics, x, y);
    right(turned, text, font, 0, 0);
    turned.dispose();
  }

  private static Graphics2D turned(Graphics2D graphics, double x, double y) {
    Graphics2D turned = (Graphics2D) graphics.create();
    turned.translate(x, y);
    turned.rotate(-Math.PI / 2);
    return turned;
  }

  private static void at(Graphics2D graphics, String text, Font font, double x, double middle) {
    graphics.setFont(font);
    double baseline = middle + MIDDLE_ABOVE_BASELINE * font.getSize2D();
    graphics.drawString(text, (float) x, (float) baseline);
  }
}
