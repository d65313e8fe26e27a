package org.palimpsest.similarity.uncertainty;

import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Resamplable;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.linalg.Rows;

/** A representation from which rows are drawn again and again. */
interface Draws<P extends Prepared> {

  /** As it is. */
  P whole();

  /** With these rows. */
  P withRows(int[] rows);

  /** Prepares it once, and draws from what was prepared wherever that is possible. */
  static <P extends Prepared> Draws<P> of(Measure<P> measure, Representation representation) {
    P whole = measure.preparation().prepare(representation);
    return new Draws<>() {
      @Override
      public P whole() {
        return whole;
      }

      @Override
      public P withRows(int[] rows) {
        return whole instanceof Resamplable<?> resamplable && resamplable.canDraw(rows)
            ? sameType(resamplable.withRows(rows))
            : measure.preparation().prepare(gathered(representation, rows));
      }

      @SuppressWarnings("unchecked") // what is drawn from a prepared form is of its own type
      private P sameType(Prepared drawn) {
        return (P) drawn;
      }
    };
  }

  private static Representation gathered(Representation representation, int[] rows) {
    RepresentationInfo info = representation.info();
    return new Representation(info, Rows.gather(representation.matrix(), rows));
  }
}
