package org.palimpsest.report.plot;

import java.awt.geom.Line2D;
import java.util.List;
import org.jfree.chart.LegendItem;
import org.jfree.chart.LegendItemCollection;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.title.LegendTitle;
import org.jfree.chart.ui.HorizontalAlignment;
import org.jfree.chart.ui.RectangleEdge;
import org.palimpsest.internal.text.VisibleText;

/** Legends: one mark with its line per group, below the title. */
final class Legends {

  private Legends() {}

  static LegendTitle of(List<String> names, TypeScale type) {
    LegendItemCollection items = new LegendItemCollection();
    for (int g = 0; g < names.size(); g++) {
      LegendItem item =
          new LegendItem(
              VisibleText.of(names.get(g)),
              null,
              null,
              null,
              true,
              HouseStyle.mark(g, 7 * type.factor()),
              true,
              HouseStyle.series(g),
              false,
              HouseStyle.series(g),
              HouseStyle.LINE,
              true,
              new Line2D.Double(-11 * type.factor(), 0, 11 * type.factor(), 0),
              HouseStyle.line(g),
              HouseStyle.series(g));
      items.add(item);
    }
    LegendTitle legend = new LegendTitle(() -> items);
    legend.setItemFont(type.subtitle());
    legend.setItemPaint(HouseStyle.INK);
    legend.setPosition(RectangleEdge.TOP);
    legend.setHorizontalAlignment(HorizontalAlignment.LEFT);
    legend.setFrame(BlockBorder.NONE);
    legend.setPadding(0, 0, 4, 0);
    return legend;
  }
}
