package org.palimpsest.similarity.neighbours;

import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.pairwise.SampleRows;

/**
 * The k nearest neighbours of each sample of one layer, nearest first; of equally near ones that of
 * the lower index. Memory: 4nk + 8np bytes.
 */
public final class Neighbours implements Prepared {

  private final RepresentationInfo info;
  private final int[][] lists;
  private final SampleRows points;

  /**
   * @param lists for each sample the indices of its neighbours
   * @param points the rows that were compared: divided by their norms for cosine
   */
  Neighbours(RepresentationInfo info, int[][] lists, SampleRows points) {
    this.info = info;
    this.lists = lists;
    this.points = points;
  }

  @Override
  public RepresentationInfo info() {
    return info;
  }

  int samples() {
    return lists.length;
  }

  /** The neighbours of one sample, nearest first. Not to be changed. */
  int[] of(int sample) {
    return lists[sample];
  }

  /** The place of a sample in the list of another, from 1; 0 if it is not in it. */
  int rankOf(int neighbour, int sample) {
    int[] list = lists[sample];
    for (int r = 0; r < list.length; r++) {
      if (list[r] == neighbour) {
        return r + 1;
      }
    }
    return 0;
  }

  /** The inner product of two of the rows that were compared. */
  double product(int a, int b) {
    return points.product(a, b);
  }
}
