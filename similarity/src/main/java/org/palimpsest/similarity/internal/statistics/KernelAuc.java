package org.palimpsest.similarity.internal.statistics;

import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * How well a score tells trained kernels of one network from fresh ones: the area under the ROC
 * curve, the mean over trained kernels of their placement, which is the share of fresh kernels
 * below (a tie counts half; Hanley and McNeil 1982, doi:10.1148/radiology.143.1.7063747). 0.5: not
 * at all.
 *
 * <p>Over networks ({@link #over}) the mean area has Student's interval with a variance of at least
 * the mean over networks of (variance of placements)/(number of kernels), which is what a finite
 * number of kernels gives alone. The fresh kernels count as known, so there must be many: {@value
 * #FRESH_PER_TRAINED} for each trained one. The score is fixed before it is seen. O((k + f) log f)
 * for k trained and f fresh kernels.
 *
 * @param value the area, from 0 to 1
 * @param variance of the area that a finite number of trained kernels gives alone
 * @param kernels how many were trained
 */
public record KernelAuc(double value, double variance, int kernels) {

  /** So many fresh kernels are needed for each trained one. */
  public static final int FRESH_PER_TRAINED = 20;

  /**
   * The area of one network.
   *
   * @param trained a score of each trained kernel, at least two
   * @param fresh a score of each fresh kernel
   * @throws PalimpsestException if there are too few kernels, or a score is not finite
   */
  public static KernelAuc of(double[] trained, double[] fresh) {
    if (trained.length < 2 || fresh.length < (long) FRESH_PER_TRAINED * trained.length) {
      throw new PalimpsestException(
          "An area takes at least 2 trained kernels and %s times as many fresh ones; given were %s and %s."
              .formatted(FRESH_PER_TRAINED, trained.length, fresh.length));
    }
    double[] sorted = Variances.requireFinite("Scores of fresh kernels", fresh);
    Arrays.sort(sorted);
    double[] placements =
        Arrays.stream(Variances.requireFinite("Scores of trained kernels", trained))
            .map(score -> (count(sorted, score, false) + count(sorted, score, true)) / 2.0)
            .map(below -> below / sorted.length)
            .toArray();
    double mean = Variances.mean(placements);
    double variance = Variances.sample(placements) / placements.length;
    if (Variances.areEqual(placements)) {
      double share = (mean * placements.length + 0.5) / (placements.length + 1);
      variance = share * (1 - share) / placements.length;
    }
    return new KernelAuc(mean, variance, trained.length);
  }

  /** How many sorted values lie below a score, or at or below it. */
  private static int count(double[] sorted, double score, boolean including) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (including ? sorted[middle] <= score : sorted[middle] < score) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The mean area over networks. */
  public static Estimate over(List<KernelAuc> networks) {
    double[] areas = networks.stream().mapToDouble(KernelAuc::value).toArray();
    double floor = networks.stream().mapToDouble(KernelAuc::variance).average().orElse(0);
    return WelchContrast.ofMean(areas).withLeastVariance(floor).estimate();
  }
}
