package org.palimpsest.benchmarks.assess;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.benchmarks.assess.Population.Network;

/**
 * What many networks of a population come to: the true values of the figures, by many draws of its
 * networks and none of the code that judges.
 */
final class Truth {

  private static final int ROUGH = 300;
  private static final int FINE = 2000;
  private static final long SEED = 7;
  private static final long SEED_OF_FINE = 11;
  private static final int ROUNDS = 12;

  private final Population population;
  private final List<Network> random = new ArrayList<>();
  private final List<Network> shared = new ArrayList<>();
  private final List<Network> transferred = new ArrayList<>();

  private Truth(Population population, int networks, long seed) {
    this.population = population;
    SplittableRandom draws = new SplittableRandom(seed);
    for (int i = 0; i < networks; i++) {
      random.add(population.random(draws.split()));
      shared.add(population.shared(draws.split()));
      transferred.add(population.transferred(draws.split()));
    }
  }

  /** Of draws of its own, so that what {@link #setting} met by chance is not met again. */
  static Truth of(Population population) {
    return new Truth(population, FINE, SEED_OF_FINE);
  }

  /**
   * The setting at which a figure has a value, found by halving.
   *
   * @param rises whether the figure rises with the setting
   */
  static double setting(
      double least,
      double most,
      boolean rises,
      double wanted,
      DoubleFunction<Population> population,
      ToDoubleFunction<Truth> figure) {
    double low = least;
    double high = most;
    for (int round = 0; round < ROUNDS; round++) {
      double middle = (low + high) / 2;
      double value = figure.applyAsDouble(new Truth(population.apply(middle), ROUGH, SEED));
      if (value < wanted == rises) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return (low + high) / 2;
  }

  /**
   * The share of the dissimilarity of transferred and random networks that is due to where they
   * lie, of what a shared random start leaves.
   */
  double shareApart() {
    return 1 - leftWithin(transferred) / leftWithin(shared);
  }

  private double leftWithin(List<Network> group) {
    double within = within(group, Truth::half) + within(random, Truth::half);
    return within / (2 * across(group, random, Truth::half));
  }

  /** Of the distances within the groups, √(1 − CKA), transferred over those of one random start. */
  double ratioOfSpread() {
    return within(transferred, Math::sqrt) / within(shared, Math::sqrt);
  }

  private static double half(double dissimilarity) {
    return dissimilarity;
  }

  /** The mean angle in degrees of the filters of an encoder, or a decoder, of random networks. */
  double angle(boolean encoder) {
    return random.stream().mapToDouble(network -> angle(network, encoder)).average().orElseThrow();
  }

  private static double angle(Network network, boolean encoder) {
    double sum = 0;
    int filters = 0;
    for (int block = 0; block < Population.BLOCKS.length; block++) {
      if (Population.BLOCKS[block].startsWith("enc") == encoder) {
        double[] start = network.start()[block];
        double[] end = network.end()[block];
        for (int f = 0; f < Population.features(block); f++) {
          sum += angle(start, end, f * Population.INPUTS, Population.INPUTS);
          filters++;
        }
      }
    }
    if (encoder) {
      filters += Population.INPUTS; // of the layer that changes nothing
      for (int f = 0; f < Population.KERNELS; f++) {
        sum +=
            angle(
                network.kernelsBefore(),
                network.kernels(),
                f * Population.KERNEL,
                Population.KERNEL);
        filters++;
      }
    }
    return sum / filters;
  }

  private static double angle(double[] a, double[] b, int from, int length) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = from; i < from + length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return Math.toDegrees(Math.acos(ab / Math.sqrt(aa * bb)));
  }

  /** How often the neighbours of a trained kernel are more alike than those of a fresh one. */
  double smoothness() {
    return area(kernel -> score(kernel, true));
  }

  /** How often the weights of a trained kernel are more of one sign than those of a fresh one. */
  double oneSign() {
    return area(kernel -> score(kernel, false));
  }

  private double area(ToDoubleFunction<double[]> score) {
    SplittableRandom draws = new SplittableRandom(SEED + 1);
    double[] fresh = new double[20_000];
    Arrays.setAll(fresh, i -> score.applyAsDouble(normal(draws)));
    Arrays.sort(fresh);
    double below = 0;
    int kernels = 0;
    for (Network network : random) {
      for (int k = 0; k < Population.KERNELS; k++) {
        double[] kernel =
            Arrays.copyOfRange(
                network.kernels(), k * Population.KERNEL, (k + 1) * Population.KERNEL);
        int at = Arrays.binarySearch(fresh, score.applyAsDouble(kernel));
        below += (double) (at < 0 ? -at - 1 : at) / fresh.length;
        kernels++;
      }
    }
    return below / kernels;
  }

  private static double[] normal(SplittableRandom draws) {
    double[] kernel = new double[Population.KERNEL];
    Arrays.setAll(kernel, i -> draws.nextGaussian());
    return kernel;
  }

  private static double score(double[] kernel, boolean neighbours) {
    double squares = 0;
    double sum = 0;
    double products = 0;
    for (int i = 0; i < kernel.length; i++) {
      squares += kernel[i] * kernel[i];
      sum += kernel[i];
      products += i % 3 < 2 ? kernel[i] * kernel[i + 1] : 0;
      products += i < 6 ? kernel[i] * kernel[i + 3] : 0;
    }
    return neighbours ? products / squares : sum * sum / squares;
  }

  /** The reuse of a block, beside how similar random networks are to the source. */
  double reuseBesideSource(int block) {
    double[][] source = population.source();
    return mean(transferred, n -> cka(n.end(), source, block))
        - mean(random, n -> cka(n.end(), source, block));
  }

  /** The same beside how similar random networks are to their own start. */
  double reuseBesideStart(int block) {
    return mean(transferred, n -> cka(n.end(), n.start(), block))
        - mean(random, n -> cka(n.end(), n.start(), block));
  }

  /** The figures by which claims are judged, by the claim's name, in the order of the page. */
  Map<String, double[]> figures() {
    Map<String, double[]> figures = new LinkedHashMap<>();
    figures.put("filters-change", new double[] {angle(true), angle(false)});
    figures.put("filters-look-random", new double[] {smoothness(), oneSign()});
    figures.put("other-representations", new double[] {shareApart()});
    figures.put("vary-as-much", new double[] {ratioOfSpread()});
    int[] deeper = IntStream.range(1, Population.BLOCKS.length - 1).toArray();
    List<Double> reuse = new ArrayList<>();
    reuse.add(Arrays.stream(deeper).mapToDouble(this::reuseBesideSource).average().orElseThrow());
    Arrays.stream(deeper).forEach(block -> reuse.add(reuseBesideSource(block)));
    reuse.add(Arrays.stream(deeper).mapToDouble(this::reuseBesideStart).average().orElseThrow());
    Arrays.stream(deeper).forEach(block -> reuse.add(reuseBesideStart(block)));
    figures.put("reuse-not-only-early", reuse.stream().mapToDouble(Double::doubleValue).toArray());
    return figures;
  }

  private static double mean(List<Network> networks, ToDoubleFunction<Network> figure) {
    return networks.stream().mapToDouble(figure).average().orElseThrow();
  }

  private static double cka(double[][] a, double[][] b, int block) {
    return Population.cka(a[block], b[block], Population.features(block));
  }

  private interface Scale {
    double of(double dissimilarity);
  }

  private static double within(List<Network> group, Scale scale) {
    double[][] norms = norms(group);
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < group.size(); i++) {
      for (int j = 0; j < i; j++) {
        sum += dissimilarity(group.get(i), norms[i], group.get(j), norms[j], scale);
        pairs++;
      }
    }
    return sum / pairs;
  }

  private static double across(List<Network> one, List<Network> other, Scale scale) {
    double[][] ofOne = norms(one);
    double[][] ofOther = norms(other);
    double sum = 0;
    for (int i = 0; i < one.size(); i++) {
      for (int j = 0; j < other.size(); j++) {
        sum += dissimilarity(one.get(i), ofOne[i], other.get(j), ofOther[j], scale);
      }
    }
    return sum / one.size() / other.size();
  }

  /** The norm of each block's Gram matrix. */
  private static double[][] norms(List<Network> group) {
    return group.stream()
        .map(
            network ->
                IntStream.range(0, Population.BLOCKS.length)
                    .mapToDouble(
                        block ->
                            Math.sqrt(
                                Population.product(
                                    network.end()[block],
                                    network.end()[block],
                                    Population.features(block))))
                    .toArray())
        .toArray(double[][]::new);
  }

  private static double dissimilarity(
      Network a, double[] normsOfA, Network b, double[] normsOfB, Scale scale) {
    double sum = 0;
    for (int block = 0; block < Population.BLOCKS.length; block++) {
      double product =
          Population.product(a.end()[block], b.end()[block], Population.features(block));
      sum += scale.of(Math.max(0, 1 - product / normsOfA[block] / normsOfB[block]));
    }
    return sum / Population.BLOCKS.length;
  }
}
