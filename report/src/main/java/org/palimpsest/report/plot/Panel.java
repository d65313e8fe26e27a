package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import org.jfree.chart.ChartRenderingInfo;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.ui.RectangleInsets;

/**
 * One chart and its place in a figure.
 *
 * @param place in points
 */
record Panel(JFreeChart chart, Rectangle place) implements Part {

  @Override
  public void draw(Graphics2D graphics) {
    chart.draw(graphics, place);
  }

  @Override
  public Part moved(int right, int down) {
    Rectangle there = new Rectangle(place);
    there.translate(right, down);
    return new Panel(chart, there);
  }

  /** Where a chart of this size draws its data. */
  static Rectangle2D dataArea(JFreeChart chart, Rectangle2D place) {
    ChartRenderingInfo info = new ChartRenderingInfo(null);
    Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
    measureExactly(graphics);
    chart.draw(graphics, place, null, info);
    graphics.dispose();
    return info.getPlotInfo().getDataArea();
  }

  /** Makes texts as wide on this canvas as on every other, and curves smooth. */
  static void measureExactly(Graphics2D graphics) {
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
  }

  Rectangle2D dataArea() {
    return dataArea(chart, place);
  }

  Panel withHeight(int height) {
    return new Panel(chart, new Rectangle(place.x, place.y, place.width, height));
  }

  /** This panel moved to the right, its plot between the given heights. */
  Panel aligned(int right, int height, double top, double bottom) {
    Panel tall = withHeight(height);
    Rectangle2D area = tall.dataArea();
    RectangleInsets old = chart.getPadding();
    JFreeChart copy = copyOfChart();
    copy.setPadding(
        new RectangleInsets(
            old.getTop() + top - area.getMinY(),
            old.getLeft(),
            old.getBottom() + area.getMaxY() - bottom,
            old.getRight()));
    tall.place().translate(right, 0);
    return new Panel(copy, tall.place());
  }

  private JFreeChart copyOfChart() {
    try {
      return (JFreeChart) chart.clone();
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException("every part of these charts can be copied", impossible);
    }
  }
}
