package org.palimpsest.similarity.internal.measure;

import java.util.List;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Score;

/**
 * A measure that has another object compute, so that its own class shows a user nothing but what it
 * is called, what it promises and how it is set. All measures of the catalogue are such records:
 * equal settings make equal measures, and {@code name()} is what {@code Measures.parse} reads.
 *
 * <p>A measure of one's own has no need of this: implement {@link Measure}, or call {@link
 * Measure#of}.
 */
public interface DelegatingMeasure extends Measure<Prepared> {

  /** What computes. Users have no need of it: the measure itself does the same. */
  Computation<?> computation();

  /** What computes for a measure: the measure itself, unless it delegates. */
  static Computation<?> of(Measure<?> measure) {
    return measure instanceof DelegatingMeasure delegating ? delegating.computation() : measure;
  }

  @Override
  default Preparation<Prepared> preparation() {
    return cast(computation().preparation());
  }

  @Override
  default Score compare(Prepared a, Prepared b) {
    return computation(this).compare(a, b);
  }

  @Override
  default List<List<Score>> compareAll(LayerTable<Prepared> layers) {
    return computation(this).compareAll(layers);
  }

  @Override
  default List<String> cautions(Prepared a, Prepared b, Score score) {
    return computation(this).cautions(a, b, score);
  }

  @SuppressWarnings("unchecked") // what is compared was prepared by the same computation
  private static Computation<Prepared> computation(DelegatingMeasure measure) {
    return (Computation<Prepared>) measure.computation();
  }

  @SuppressWarnings("unchecked") // whoever reads a prepared layer knows it by the same computation
  private static Preparation<Prepared> cast(Preparation<?> preparation) {
    return (Preparation<Prepared>) preparation;
  }
}
