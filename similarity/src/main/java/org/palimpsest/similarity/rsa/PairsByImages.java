package org.palimpsest.similarity.rsa;

import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;

/**
 * What a layer's samples are to each other, with what each image has to do with it.
 *
 * @param <S> itself
 */
interface PairsByImages<S extends PairsByImages<S>> {

  Representation.Info info();

  ImagePairs pairs();

  /** Of each image the sum of the values of its pairs. */
  double[] sums();

  /** Of each image the sum of their squares. */
  double[] squares();

  /** About how many seconds of one core it takes to correlate it with another layer. */
  default double seconds() {
    return 0;
  }

  /** The correlation with another layer's values, and without the pairs of each image. */
  JackknifeValues jackknife(S other);
}
