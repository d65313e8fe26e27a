package org.palimpsest.io.internal.capture;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.probe.Probes;

/**
 * What to show beside the first probe, so that a layer in which probes mix shows it. The second
 * probe need not serve: volumes often begin with slices that are all blank.
 */
public final class Company {

  private static final int MOST_LOOKED_AT = 16;

  private Company() {}

  /**
   * A probe that differs from the first: the nearest of those that follow, or one that is made.
   *
   * @param probes at least one
   * @return of the shape of a batch of one
   */
  public static INDArray ofFirst(Probes probes) {
    INDArray first = probes.batch(0, 1);
    for (long i = 1; i < Math.min(probes.count(), MOST_LOOKED_AT); i++) {
      INDArray other = probes.batch(i, i + 1);
      if (!Answers.areSame(first, other)) {
        return other;
      }
    }
    return unlike(first);
  }

  /**
   * The same of probes that are read already.
   *
   * @param batch samples first
   */
  public static INDArray ofFirst(INDArray batch) {
    INDArray first = row(batch, 0);
    for (long i = 1; i < batch.size(0); i++) {
      INDArray other = row(batch, i);
      if (!Answers.areSame(first, other)) {
        return other;
      }
    }
    return unlike(first);
  }

  private static INDArray row(INDArray batch, long index) {
    return batch.get(NDArrayIndex.interval(index, index + 1));
  }

  /** Zeros and ones in turn, which any network takes, even one of integers. */
  private static INDArray unlike(INDArray first) {
    INDArray turns = zerosAndOnes(first, 0);
    return Answers.areSame(first, turns) ? zerosAndOnes(first, 1) : turns;
  }

  private static INDArray zerosAndOnes(INDArray like, int offset) {
    double[] values = new double[Math.toIntExact(like.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i + offset) % 2;
    }
    return Nd4j.createFromArray(values).castTo(like.dataType()).reshape('c', like.shape());
  }
}
