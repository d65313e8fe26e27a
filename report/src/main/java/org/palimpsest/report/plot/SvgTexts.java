package org.palimpsest.report.plot;

import java.awt.Font;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Texts of an SVG as wide as they were measured, whatever fonts its reader has: else names that end
 * at an axis would end before it or beyond it.
 */
final class SvgTexts {

  /** First the one that Java most often draws with, then one as wide. */
  private static final String FAMILIES = "'DejaVu Sans', Verdana, sans-serif";

  private SvgTexts() {}

  static void keepWidths(Element root) {
    keepWidths(root, 12, false);
  }

  private static void keepWidths(Element element, double inheritedSize, boolean inheritedBold) {
    if (element.getAttribute("font-family").equals("sans-serif")) {
      element.setAttribute("font-family", FAMILIES);
    }
    String size = element.getAttribute("font-size");
    String weight = element.getAttribute("font-weight");
    double points = size.isEmpty() ? inheritedSize : Double.parseDouble(size.replace("px", ""));
    boolean bold = weight.isEmpty() ? inheritedBold : weight.equals("bold");
    if (element.getTagName().equals("text")) {
      double width = HouseStyle.width(element.getTextContent(), font(points, bold));
      if (width > 0) {
        element.setAttribute("textLength", String.valueOf(Math.rint(100 * width) / 100));
        element.setAttribute("lengthAdjust", "spacingAndGlyphs");
      }
      return;
    }
    for (Node child = element.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element inner) {
        keepWidths(inner, points, bold);
      }
    }
  }

  private static Font font(double points, boolean bold) {
    return new Font(Font.SANS_SERIF, bold ? Font.BOLD : Font.PLAIN, 1).deriveFont((float) points);
  }
}
