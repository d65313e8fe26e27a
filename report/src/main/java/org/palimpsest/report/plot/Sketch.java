package org.palimpsest.report.plot;

import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.util.function.Consumer;

/**
 * What is drawn line by line, since no chart does it.
 *
 * @param place in points
 * @param drawing draws it as if its place began at (0, 0)
 */
record Sketch(Rectangle place, Consumer<Graphics2D> drawing) implements Part {

  @Override
  public void draw(Graphics2D graphics) {
    Graphics2D own = (Graphics2D) graphics.create();
    own.translate(place.x, place.y);
    drawing.accept(own);
    own.dispose();
  }

  @Override
  public Part moved(int right, int down) {
    Rectangle there = new Rectangle(place);
    there.translate(right, down);
    return new Sketch(there, drawing);
  }
}
