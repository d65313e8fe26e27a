package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.Rectangle;

/** Something in a figure, at its place. */
sealed interface Part permits Panel, Sketch {

  /** In points. */
  Rectangle place();

  void draw(Graphics2D graphics);

  Part moved(int right, int down);
}
