package org.palimpsest.similarity.statistics;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;

/**
 * Holm's step-down correction, which holds the probability of any false rejection at the level
 * whatever the dependence between tests: the i-th smallest of k p values becomes max over j ≤ i of
 * (k − j + 1) p₍ⱼ₎, at most 1 (Holm 1979, Scandinavian Journal of Statistics 6, 65–70). It rejects
 * whatever Bonferroni's correction rejects, and more. {@link Judgement#together} uses it for
 * verdicts on several claims.
 *
 * <pre>{@code
 * double[] corrected = Holm.correct(0.01, 0.04, 0.03); // 0.03, 0.06, 0.06
 * }</pre>
 */
public final class Holm {

  private Holm() {}

  /**
   * The corrected p values, in the order of the given ones; O(k log k).
   *
   * @param p from 0 to 1 each
   * @throws PalimpsestException if one is not within [0, 1]
   */
  public static double[] correct(double... p) {
    for (double one : p) {
      if (!(one >= 0 && one <= 1)) {
        throw new PalimpsestException(
            "p values lie between 0 and 1; among %s is %s.".formatted(p.length, one));
      }
    }
    List<Integer> ascending =
        IntStream.range(0, p.length).boxed().sorted(Comparator.comparingDouble(i -> p[i])).toList();
    double[] corrected = new double[p.length];
    double largest = 0;
    for (int rank = 0; rank < p.length; rank++) {
      int index = ascending.get(rank);
      largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]));
      corrected[index] = largest;
    }
    return corrected;
  }
}
