package org.palimpsest.similarity.internal.linalg;

import java.util.List;
import java.util.Locale;
import org.palimpsest.core.representation.Representation;

/**
 * What layers that know nothing of each other come to with few samples for their features, and a
 * sentence where that is so much that a value says little.
 *
 * <p>Each row counts as a sample of its own. Positions of one image are alike, so that with few
 * images chance gives more than this says.
 */
public final class FewSamples {

  /** From here on a value is cautioned. */
  public static final double MUCH = 0.3;

  /** From here on so little is left above chance that a value near 1 says little too. */
  private static final double TOO_MUCH = 0.8;

  /** Of what is left of a value less what chance gives. */
  private static final double MOST_THAT_SAYS_LITTLE = 0.9;

  /** Fits the mean nuclear norm that independent Gaussian matrices of unit norm come to. */
  private static final double OF_NUCLEAR_NORM = 0.72;

  /** Between the mean of best correlations and the bound that its tail gives. */
  private static final double OF_BEST_CORRELATION = 0.85;

  /** Fits of chance are right to about a hundredth. */
  private static final double MOST_FITTED = 0.9;

  private static final String DEBIASED = "Take debiased_linear_cka";

  private final Representation.Info a;
  private final Representation.Info b;
  private final double free;

  private FewSamples(Representation.Info a, Representation.Info b) {
    this.a = a;
    this.b = b;
    this.free = Math.max(1, a.samples() - 1);
  }

  public static FewSamples of(Representation.Info a, Representation.Info b) {
    return new FewSamples(a, b);
  }

  /** The most that {@link #kernels} can come to, which costs nothing to know. */
  public boolean mayMatterToKernels() {
    return Math.sqrt(most(a) * most(b)) / free > MUCH;
  }

  private double most(Representation.Info of) {
    return Math.min(free, of.features());
  }

  /**
   * Of a biased alignment of centred kernels K and L: its mean over all orders of one layer's
   * samples is tr K tr L / ((n − 1) |K| |L|), for independent Gaussian features about 1 / √((1 +
   * n/p)(1 + n/q)).
   *
   * @param traceOfA tr K / |K|
   * @param traceOfB tr L / |L|
   * @param root whether the value is the root of the alignment
   */
  public List<String> kernels(double traceOfA, double traceOfB, double value, boolean root) {
    double alignment = Math.min(1, Math.abs(traceOfA * traceOfB) / free);
    double chance = root ? Math.sqrt(alignment) : alignment;
    if (!(chance > MUCH)) {
      return List.of();
    }
    double wanted = root ? MUCH * MUCH : MUCH;
    double dimensions = Math.sqrt(dimensions(traceOfA, a) * dimensions(traceOfB, b));
    double calibrated = calibrated(chance, value);
    if (calibrated > MOST_THAT_SAYS_LITTLE) {
      return List.of();
    }
    return List.of(
        sentence(
            words("come to about %.3f", chance),
            words(": less what chance gives, it is %.2f of 1", calibrated),
            DEBIASED,
            dimensions * (1 / wanted - 1)));
  }

  private static double calibrated(double chance, double value) {
    return chance < 1 ? (value - chance) / (1 - chance) : 0;
  }

  /** The same where chance is a fit; nothing where its error is not small beside what is left. */
  private static double ofFitted(double chance, double value) {
    return chance < MOST_FITTED ? calibrated(chance, value) : Double.NaN;
  }

  /** How many dimensions a kernel's features fill, from what they fill with n samples. */
  private double dimensions(double trace, Representation.Info of) {
    double filled = Math.min(trace * trace, free * (1 - 1e-3));
    return Math.min(of.features(), 1 / (1 / filled - 1 / free));
  }

  /**
   * Of a distance, angle or cosine after the best rotation of one layer onto the other.
   *
   * @param cosine that the value stands for
   */
  public List<String> rotations(double cosine) {
    double side = Math.min(a.features(), b.features());
    double chance = 1 / Math.sqrt(1 + a.samples() / (OF_NUCLEAR_NORM * side));
    return ifMuch(
        chance,
        ofFitted(chance, cosine),
        words("can be turned onto each other to a cosine of about %.2f", chance),
        DEBIASED,
        OF_NUCLEAR_NORM * side * (1 / (MUCH * MUCH) - 1));
  }

  /** Of the mean of the best correlations of single features. */
  public List<String> bestCorrelations(double value) {
    double chance =
        OF_BEST_CORRELATION * (bestCorrelation(a.features()) + bestCorrelation(b.features())) / 2;
    double square = MUCH / OF_BEST_CORRELATION * (MUCH / OF_BEST_CORRELATION);
    double features = Math.max(2, Math.sqrt((double) a.features() * b.features()));
    return ifMuch(
        chance,
        ofFitted(chance, value),
        words("have features whose best correlations come to about %.2f", chance),
        DEBIASED,
        2 - 2 * Math.log(features) / Math.log1p(-square));
  }

  private double bestCorrelation(long features) {
    return a.samples() <= 3
        ? 1
        : Math.sqrt(1 - Math.pow(Math.max(1, features), -2.0 / (a.samples() - 2)));
  }

  /**
   * Of a share of one layer that so many dimensions of another explain: on average rank / (n − 1)
   * by chance.
   *
   * @param root whether the value is about the root of such a share
   */
  public List<String> shares(double rank, boolean root, double value) {
    double share = Math.min(1, rank / free);
    double chance = root ? Math.sqrt(share) : share;
    return ifMuch(
        chance,
        calibrated(chance, value),
        words("come to about %.2f", chance),
        "Compare fewer components (svcca:0.9), take debiased_linear_cka",
        rank / (root ? MUCH * MUCH : MUCH));
  }

  /**
   * Of a distance of predictions that are made of so many dimensions. It has no value of its own
   * for unrelated layers, from which it could be reckoned.
   */
  public List<String> predictions(double rank) {
    double chance = Math.min(1, rank / free);
    return ifMuch(
        chance,
        Double.NaN,
        words("share about %.2f of what is predicted from them", chance),
        DEBIASED,
        rank / MUCH);
  }

  /** Of the share of neighbours that two layers have in common, k each. */
  public List<String> neighbours(int k, double chance, double value) {
    return ifMuch(
        chance,
        calibrated(chance, value),
        words("share about %.2f of %d neighbours", Math.min(1, chance), k),
        "Take fewer neighbours",
        k / MUCH);
  }

  /**
   * Of a measure of which it is known what it comes to after one layer's samples are put into
   * another order, however many samples there are.
   *
   * @param instead what to do about it
   */
  public List<String> otherOrders(double chance, double value, String instead) {
    if (!(chance > MUCH)) {
      return List.of();
    }
    double calibrated = calibrated(chance, value);
    if (calibrated > MOST_THAT_SAYS_LITTLE) {
      return List.of();
    }
    return List.of(
        String.format(
            Locale.ROOT,
            "Layers that know nothing of each other come to about %.3f with %s and %d and %d"
                + " features, so that this value says little: less what chance gives, it is %.2f of"
                + " 1. %s, or look at the permutation baseline.",
            Math.min(1, chance),
            samples(a.samples()),
            a.features(),
            b.features(),
            calibrated,
            instead));
  }

  /**
   * @param calibrated the value less what chance gives, of what is left; not a number if it has
   *     none
   */
  private List<String> ifMuch(
      double chance, double calibrated, String words, String instead, double samples) {
    if (!(chance > MUCH) || (chance < TOO_MUCH && calibrated > MOST_THAT_SAYS_LITTLE)) {
      return List.of();
    }
    String less =
        Double.isNaN(calibrated)
            ? ""
            : words(": less what chance gives, it is %.2f of 1", calibrated);
    return List.of(sentence(words, less, instead, samples));
  }

  private String sentence(String chance, String more, String instead, double samples) {
    long wanted = twoDigits(samples);
    String advice =
        wanted > a.samples()
            ? "%s, look at the permutation baseline, or show about %s"
                .formatted(instead, samples(wanted))
            : words("%s, or look at the permutation baseline", instead);
    return String.format(
        Locale.ROOT,
        "Layers that know nothing of each other %s with %s and %d and %d features, so that this"
            + " value says little%s. %s.",
        chance,
        samples(a.samples()),
        a.features(),
        b.features(),
        more,
        advice);
  }

  private String samples(long count) {
    long images = Math.max(1, Math.round((double) count / a.rowsPerProbe()));
    return a.rowsPerProbe() == 1
        ? words("%d probes", count)
        : "%s positions of %s images (if they were independent; those of one image are not)"
            .formatted(count, images);
  }

  private static long twoDigits(double count) {
    double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1));
    return (long) (Math.ceil(count / unit) * unit);
  }

  /** Alike in every locale, since it stands in tables. */
  private static String words(String form, Object... numbers) {
    return String.format(Locale.ROOT, form, numbers);
  }
}
