package org.palimpsest.similarity.internal.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.similarity.internal.intervals.Variances;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.WelchContrast;

/**
 * Reuse block by block: by how much transferred networks are more similar to where they started
 * than random networks are to that, or to their own start (the null).
 *
 * <p>All estimates are of weighted sums over the blocks of a network, S·w. With one source their
 * means are compared by {@link WelchContrast} over networks, the random ones being as uncertain as
 * the others: what they have on average is an estimate too. With K sources D_k = S̄_k − N̄_k is the
 * difference for source k, and V = s²(D_k)/K + s²(a random network's mean over sources)/n_R,
 * degrees of freedom by Satterthwaite from K − 1 and n_R − 1: sources vary, and the random networks
 * are shared by all of them. O(networks · blocks) per estimate.
 *
 * <pre>{@code
 * BlockReuse reuse = BlockReuse.ofSource(transferred, random); // networks × blocks, linear CKA to the start
 * Estimate ofFirst = reuse.of(0);
 * Estimate rise = reuse.trend(); // above 0 where deeper blocks are reused more
 * }</pre>
 */
public final class BlockReuse {

  private final double[][][] transferred;
  private final double[][][] random;
  private final boolean hasSources;
  private final int blocks;

  private BlockReuse(double[][][] transferred, double[][][] random, boolean hasSources) {
    this.blocks = requireBlocks(transferred, random);
    this.transferred = transferred;
    this.random = random;
    this.hasSources = hasSources;
  }

  /**
   * For one source; intervals are "for this source".
   *
   * @param transferred similarities, a row per transferred network, a column per block from input
   *     to output
   * @param random similarities of the null, a row per random network
   * @throws PalimpsestException if rows differ in length, there is no network or no block, or
   *     numbers are not finite
   */
  public static BlockReuse ofSource(double[][] transferred, double[][] random) {
    return new BlockReuse(new double[][][] {transferred}, new double[][][] {random}, false);
  }

  /**
   * For sources in general.
   *
   * @param transferred for each source such rows of the networks that started from it
   * @param random for each source such rows of the random networks, the same ones in the same order
   *     for all sources
   */
  public static BlockReuse ofSources(double[][][] transferred, double[][][] random) {
    if (transferred.length != random.length
        || Arrays.stream(random).anyMatch(rows -> rows.length != random[0].length)) {
      throw new PalimpsestException(
          "For each of %s sources the same random networks are needed; there are those of %s sources."
              .formatted(transferred.length, random.length));
    }
    return new BlockReuse(transferred, random, true);
  }

  private static int requireBlocks(double[][][] transferred, double[][][] random) {
    int blocks = -1;
    for (double[][][] arm : List.of(transferred, random)) {
      for (double[][] rows : arm) {
        for (double[] row : rows) {
          Variances.requireFinite("Similarities of blocks", row);
          blocks = blocks < 0 ? row.length : blocks;
          if (row.length != blocks) {
            throw new PalimpsestException(
                "All networks have the same blocks; one has %s, another %s."
                    .formatted(blocks, row.length));
          }
        }
      }
    }
    if (blocks < 1) {
      throw new PalimpsestException(
          "Reuse by block takes at least one network with at least one block; there is none.");
    }
    return blocks;
  }

  /**
   * The reuse of a weighted sum of blocks.
   *
   * @param weights one for each block
   */
  public Estimate sum(double... weights) {
    if (weights.length != blocks) {
      throw new PalimpsestException(
          "A weight for each of %s blocks is needed; given were %s."
              .formatted(blocks, weights.length));
    }
    return hasSources
        ? overSources(weights)
        : WelchContrast.ofDifference(sums(transferred[0], weights), sums(random[0], weights))
            .estimate();
  }

  private Optional<Estimate> tooFewSources() {
    int sources = transferred.length;
    int others = sources == 0 ? 0 : random[0].length;
    int units = Math.min(sources, others);
    return units >= WelchContrast.FEWEST
        ? Optional.empty()
        : Optional.of(
            Estimate.Refused.of(
                Double.NaN,
                units,
                "For sources in general at least %s are needed (5 are advised) and as many random networks; there are %s and %s."
                    .formatted(WelchContrast.FEWEST, sources, others)));
  }

  private Estimate overSources(double... weights) {
    Optional<Estimate> tooFew = tooFewSources();
    if (tooFew.isPresent()) {
      return tooFew.get();
    }
    int sources = transferred.length;
    int others = random[0].length;
    double[] differences = new double[sources];
    double[] overSources = new double[others];
    for (int k = 0; k < sources; k++) {
      double[] theirs = sums(random[k], weights);
      differences[k] = Variances.mean(sums(transferred[k], weights)) - Variances.mean(theirs);
      for (int j = 0; j < others; j++) {
        overSources[j] += theirs[j] / sources;
      }
    }
    return overSources(differences, overSources);
  }

  /**
   * Sources vary, and so do the random networks that all of them share.
   *
   * @param differences of each source
   * @param ofRandom each random network's mean over sources
   */
  private static Estimate overSources(double[] differences, double[] ofRandom) {
    int units = Math.min(differences.length, ofRandom.length);
    double value = Variances.mean(differences);
    if (!Double.isFinite(value)) {
      throw new PalimpsestException("Each source needs at least one transferred network.");
    }
    if (Variances.areEqual(differences) || Variances.areEqual(ofRandom)) {
      return Estimate.Refused.of(
          value,
          units,
          "All %s sources, or all %s random networks, give the same, so that their spread is not known. Train more."
              .formatted(differences.length, ofRandom.length));
    }
    Variances variances = new Variances();
    variances.add(Variances.sample(differences) / differences.length, differences.length - 1);
    variances.add(Variances.sample(ofRandom) / ofRandom.length, ofRandom.length - 1);
    return new Estimate.Student(
        value, variances.standardError(), variances.degreesOfFreedom(), units);
  }

  private static double[] sums(double[][] rows, double... weights) {
    return Arrays.stream(rows).mapToDouble(row -> sum(row, weights)).toArray();
  }

  private static double sum(double[] row, double... weights) {
    double sum = 0;
    for (int b = 0; b < row.length; b++) {
      sum += weights[b] * row[b];
    }
    return sum;
  }

  /** The raw reuse S − N of one block. */
  public Estimate of(int block) {
    return sum(weights(1, block));
  }

  /** The mean raw reuse of some blocks. */
  public Estimate meanOf(int... some) {
    return sum(weights(1.0 / some.length, some));
  }

  /** By how much a block is reused more than another one. */
  public Estimate difference(int block, int other) {
    double[] weights = weights(1, block);
    requireBlock(other);
    weights[other] -= 1;
    return sum(weights);
  }

  private double[] weights(double weight, int... some) {
    double[] weights = new double[blocks];
    if (some.length == 0) {
      throw new PalimpsestException("The reuse of no blocks is not defined; name at least one.");
    }
    for (int block : some) {
      requireBlock(block);
      weights[block] += weight;
    }
    return weights;
  }

  private void requireBlock(int block) {
    if (block < 0 || block >= blocks) {
      throw new PalimpsestException(
          "There are blocks 0 to %s; asked for was %s.".formatted(blocks - 1, block));
    }
  }

  /**
   * The logarithm of the share of dissimilarity that is left, log[(1 − S̄)/(1 − N̄)] of one block;
   * {@link #normalised} turns it into the normalised reuse (S − N)/(1 − N). Given also where N is
   * near 1: to sift by the error of 1 − N lowers the coverage.
   *
   * <p>For one source its variance is Σ s²/(n·mean²) of the dissimilarities 1 − S and 1 − N. For K
   * sources it is the mean over sources of L_k = log[(1 − S̄_k)/(1 − N̄_k)], with V = s²(L_k)/K +
   * s²(g)/n_R, where g of a random network is its mean over sources of (1 − N)/(1 − N̄_k), which is
   * by how much it moves that mean.
   */
  public Estimate logLeft(int block) {
    requireBlock(block);
    return hasSources ? logLeftOverSources(block) : logLeftOfSource(block);
  }

  private Estimate logLeftOfSource(int block) {
    double[] left = dissimilarities(transferred[0], block);
    double[] ofNull = dissimilarities(random[0], block);
    int units = Math.min(left.length, ofNull.length);
    double mean = Variances.mean(left);
    double meanOfNull = Variances.mean(ofNull);
    double value = Math.log(mean / meanOfNull);
    if (units < WelchContrast.FEWEST) {
      return WelchContrast.tooFew(units == 0 ? Double.NaN : value, units);
    }
    if (!(mean > 0 && meanOfNull > 0)) {
      return nothingLeft(block, units);
    }
    Estimate scaled = WelchContrast.of(1 / mean, left).plus(-1 / meanOfNull, ofNull).estimate();
    return scaled instanceof Estimate.Student student
        ? new Estimate.Student(value, student.standardError(), student.degreesOfFreedom(), units)
        : Estimate.Refused.of(value, units, ((Estimate.Refused) scaled).reason());
  }

  private Estimate logLeftOverSources(int block) {
    Optional<Estimate> tooFew = tooFewSources();
    if (tooFew.isPresent()) {
      return tooFew.get();
    }
    int sources = transferred.length;
    double[] logs = new double[sources];
    double[] ofRandom = new double[random[0].length];
    for (int k = 0; k < sources; k++) {
      double[] ofNull = dissimilarities(random[k], block);
      double mean = Variances.mean(dissimilarities(transferred[k], block));
      double meanOfNull = Variances.mean(ofNull);
      if (transferred[k].length > 0 && !(mean > 0 && meanOfNull > 0)) {
        return nothingLeft(block, Math.min(sources, ofRandom.length));
      }
      logs[k] = transferred[k].length == 0 ? Double.NaN : Math.log(mean / meanOfNull);
      for (int j = 0; j < ofRandom.length; j++) {
        ofRandom[j] += ofNull[j] / meanOfNull / sources;
      }
    }
    return overSources(logs, ofRandom);
  }

  private static Estimate nothingLeft(int block, int units) {
    return Estimate.Refused.of(
        Double.NaN,
        units,
        "No share can be given of no dissimilarity: block %s is as it was in all networks of a group."
            .formatted(block));
  }

  private static double[] dissimilarities(double[][] rows, int block) {
    return Arrays.stream(Variances.column(rows, block)).map(s -> 1 - s).toArray();
  }

  /** The normalised reuse 1 − eˣ of a {@link #logLeft}. */
  public static double normalised(double logLeft) {
    return -Math.expm1(logLeft);
  }

  /**
   * The claim that reuse is not of early blocks alone: the mean over the deeper blocks, or one of
   * them, is reused by more than a margin (Bonferroni over all of these). Does not hold if all lie
   * below the margin.
   */
  public Judgement isNotOnlyEarly(int[] deeper, double margin) {
    List<Judgement> parts = new ArrayList<>();
    parts.add(Judgement.above(meanOf(deeper), margin));
    for (int block : deeper) {
      parts.add(Judgement.above(of(block), margin));
    }
    return Judgement.someOf(parts);
  }

  /**
   * The claim that reuse can be stronger deeper: some deeper block is reused more than every early
   * one. Does not hold if each deeper block is reused less than some early one.
   */
  public Judgement isStrongerDeeper(int[] early, int[] deeper) {
    List<Judgement> parts = new ArrayList<>();
    for (int block : deeper) {
      parts.add(
          Judgement.allOf(
              Arrays.stream(early)
                  .mapToObj(other -> Judgement.above(difference(block, other), 0))
                  .toList()));
    }
    return Judgement.someOf(parts);
  }

  /**
   * How much reuse rises from the first block to the last: the slope per network of a straight line
   * over depth, which goes from 0 to 1 in equal steps.
   */
  public Estimate trend() {
    double[] weights = new double[blocks];
    double squares = 0;
    for (int b = 0; b < blocks; b++) {
      weights[b] = blocks == 1 ? 0 : b / (blocks - 1.0) - 0.5;
      squares += weights[b] * weights[b];
    }
    if (squares == 0) {
      throw new PalimpsestException("A trend takes at least two blocks; there are " + blocks + ".");
    }
    double scale = squares;
    return sum(Arrays.stream(weights).map(w -> w / scale).toArray());
  }
}
