package org.palimpsest.reproduction.phantom;

import java.util.Locale;
import java.util.Random;
import org.palimpsest.reproduction.images.LabelledImage;

/** A kind of synthetic image, in two or three dimensions. */
public enum PhantomFamily {
  /** Organ-like blobs in a body; the brightest are sought. */
  ORGANS(Organs::paint),
  /** Thin winding vessels on a mottled background. */
  VESSELS(Vessels::paint),
  /** Cells side by side; the membranes between them are sought. */
  MEMBRANES(Membranes::paint),
  /** Small lesions, barely brighter than the organ around them. */
  LESIONS(Lesions::paint),
  /** A folded band of grey matter between fluid and white matter. */
  CORTEX(Cortex::paint);

  private final Scene.Painter painter;

  PhantomFamily(Scene.Painter painter) {
    this.painter = painter;
  }

  LabelledImage draw(Random random, double difficulty, int... extents) {
    return Scanner.scan(painter.paint(random, difficulty, extents), random, difficulty);
  }

  /** Its name for tables and file names. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
