package org.palimpsest.benchmarks.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.palimpsest.core.internal.random.RandomStreams;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities.Pairs;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;

/** Claims about pairs: other representations, and as much variation among themselves. */
final class PairStudies {

  private static final int MANY = 200_000;

  /** The share of networks that share a start. */
  private static final double OF_CONTROL = 0.22;

  /**
   * Two clouds of points whose distances from their centres are lognormal.
   *
   * @param spread of the first group; 1 of the second
   * @param apart the distance of the centres
   * @param dimensions of the space
   * @param variation of log of a point's distance from its centre
   */
  private record Clouds(double spread, double apart, int dimensions, double variation) {

    /** Of a true location, as a share. */
    static Clouds apartBy(double share, double spread, int dimensions, double variation) {
      double within = (spread * spread + 1) * Math.exp(2 * variation * variation);
      return new Clouds(spread, Math.sqrt(share / (1 - share) * within), dimensions, variation);
    }

    double[] point(boolean isFirst, SplittableRandom random) {
      double radius =
          (isFirst ? spread : 1)
              * Math.exp(variation * random.nextGaussian())
              / Math.sqrt(dimensions);
      double[] point = SimulatedStudy.normal(dimensions, 0, radius, random);
      point[0] += isFirst ? apart : 0;
      return point;
    }

    GroupDissimilarities draw(int networks, boolean squared, SplittableRandom random) {
      double[][] points =
          IntStream.range(0, 2 * networks)
              .mapToObj(i -> point(i < networks, random))
              .toArray(double[][]::new);
      return GroupDissimilarities.of(
          dissimilarities(points, squared),
          IntStream.range(0, networks).toArray(),
          IntStream.range(networks, 2 * networks).toArray());
    }

    /** log of how much farther points of the two groups are than two of the second. */
    double trueAcross() {
      double own = Math.exp(2 * variation * variation);
      return Math.log(((spread * spread + 1) * own + apart * apart) / (2 * own));
    }
  }

  private PairStudies() {}

  private static double[][] dissimilarities(double[][] points, boolean squared) {
    double[][] all = new double[points.length][points.length];
    for (int i = 0; i < points.length; i++) {
      for (int j = 0; j < i; j++) {
        double sum = squared(points[i], points[j]);
        all[i][j] = squared ? sum : Math.sqrt(sum);
        all[j][i] = all[i][j];
      }
    }
    return all;
  }

  private static double squared(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += (a[k] - b[k]) * (a[k] - b[k]);
    }
    return sum;
  }

  static List<SimulatedStudy> all() {
    List<SimulatedStudy> studies = new ArrayList<>();
    studies.addAll(location());
    studies.addAll(spread());
    return studies;
  }

  private static List<SimulatedStudy> location() {
    return List.of(
        beyond("beside a control, shares .3 and .22, high-dimensional", 0.3, 1, 50),
        beyond("beside a control, both .22, low-dimensional, T half as spread", 0.22, 0.5, 6),
        beyondThreshold("beside a control at .22, .53 (a share of .4 beyond)", 0.53),
        beyondThreshold("beside a control at .22, as much", 0.22),
        locationOf("share .1, high-dimensional", 0.1, 1, 50, 0.15),
        locationOf("share .1, T half as spread", 0.1, 0.5, 50, 0.15),
        locationOf("share .4, low-dimensional", 0.4, 1, 6, 0.15),
        locationOf("share .6, low-dimensional, T half as spread", 0.6, 0.5, 6, 0.3),
        apart("share .4 against .1, high-dimensional", 50),
        apart("share .4 against .1, low-dimensional", 6),
        raghu("log(TR/RR), share .1, T half as spread", Clouds.apartBy(0.1, 0.5, 50, 0.15)),
        SimulatedStudy.ofThreshold(
            "6 location",
            "Raghu's reading, share .1, T half as spread (holds: TR > RR)",
            0,
            (n, r) -> Clouds.apartBy(0.1, 0.5, 50, 0.15).draw(n, true, r).acrossBesideSecond()));
  }

  private static SimulatedStudy beyond(String name, double share, double spread, int dimensions) {
    return SimulatedStudy.ofInterval(
        "6 location",
        name,
        GroupDissimilarities.locationOf(share) - GroupDissimilarities.locationOf(OF_CONTROL),
        (n, r) -> beyond(Clouds.apartBy(share, spread, dimensions, 0.15), n, r));
  }

  private static SimulatedStudy beyondThreshold(String name, double share) {
    return SimulatedStudy.ofThreshold(
        "6 location",
        name,
        GroupDissimilarities.locationOf(0.1),
        (n, r) -> beyond(Clouds.apartBy(share, 1, 50, 0.15), n, r));
  }

  /** With a control that lies apart in another direction. */
  private static Estimate beyond(Clouds clouds, int networks, SplittableRandom random) {
    Clouds control = Clouds.apartBy(OF_CONTROL, 1, clouds.dimensions(), clouds.variation());
    double[][] points = new double[3 * networks][];
    for (int i = 0; i < points.length; i++) {
      points[i] = clouds.point(i < networks, random);
      if (i >= 2 * networks) {
        points[i] = control.point(false, random);
        points[i][1] += control.apart();
      }
    }
    return GroupDissimilarities.of(
            dissimilarities(points, true),
            IntStream.range(0, networks).toArray(),
            IntStream.range(networks, 2 * networks).toArray())
        .locationBeyond(IntStream.range(2 * networks, points.length).toArray());
  }

  private static SimulatedStudy locationOf(
      String name, double share, double spread, int dimensions, double variation) {
    Clouds clouds = Clouds.apartBy(share, spread, dimensions, variation);
    return SimulatedStudy.ofInterval(
        "6 location",
        name,
        GroupDissimilarities.locationOf(share),
        (n, r) -> clouds.draw(n, true, r).location());
  }

  private static SimulatedStudy apart(String name, int dimensions) {
    Clouds clouds = Clouds.apartBy(0.4, 1, dimensions, 0.15);
    return SimulatedStudy.ofThreshold(
        "6 location",
        name,
        GroupDissimilarities.locationOf(0.1),
        (n, r) -> clouds.draw(n, true, r).location());
  }

  private static SimulatedStudy raghu(String name, Clouds clouds) {
    return SimulatedStudy.ofInterval(
        "6 location",
        name,
        clouds.trueAcross(),
        (n, r) -> clouds.draw(n, true, r).acrossBesideSecond());
  }

  private static List<SimulatedStudy> spread() {
    String claim = "7 spread";
    return List.of(
        SimulatedStudy.ofInterval(
            claim, "radius cv .15, ratio 1", 0, (n, r) -> spreads(1, 0.15, n, r)),
        SimulatedStudy.ofInterval(
            claim, "radius cv .15, ratio .5", Math.log(0.5), (n, r) -> spreads(0.5, 0.15, n, r)),
        SimulatedStudy.ofInterval(
            claim, "radius cv .40, ratio 1", 0, (n, r) -> spreads(1, 0.4, n, r)),
        equivalent("as much, ratio 1, cv .05", 1, 0.05),
        equivalent("as much, ratio 1, cv .10", 1, 0.1),
        equivalent("as much, at the margin .8, cv .10", 0.8, 0.1),
        SimulatedStudy.ofThreshold(
            claim, "as high, ratio 1, cv .10", Math.log(0.8), (n, r) -> spreads(1, 0.1, n, r)),
        SimulatedStudy.ofThreshold(
            claim, "as high, ratio .6, cv .10", Math.log(0.8), (n, r) -> spreads(0.6, 0.1, n, r)),
        sources("n sources × 2 networks, T-other/R-other", Pairs.ACROSS_UNITS),
        sources("n sources × 2 networks, T-same/R-other", Pairs.WITHIN_UNITS));
  }

  private static Estimate spreads(
      double ratio, double variation, int networks, SplittableRandom random) {
    return new Clouds(ratio, 1, 50, variation).draw(networks, false, random).logRatioOfSpread();
  }

  private static SimulatedStudy equivalent(String name, double ratio, double variation) {
    return SimulatedStudy.ofVerdict(
        "7 spread",
        name,
        (n, r) -> Judgement.within(spreads(ratio, variation, n, r), Math.log(0.8), Math.log(1.25)));
  }

  private static SimulatedStudy sources(String name, Pairs pairs) {
    return SimulatedStudy.ofInterval(
        "7 spread",
        name,
        trueLogOfSources(pairs) - trueLogOfRandom(),
        (n, r) -> {
          double[][] points = new double[2 * n + 6][];
          System.arraycopy(ofSources(n, r), 0, points, 0, 2 * n);
          Clouds random = new Clouds(1, 0, 50, 0.1);
          for (int i = 2 * n; i < points.length; i++) {
            points[i] = random.point(false, r);
          }
          return GroupDissimilarities.of(
                  dissimilarities(points, false),
                  IntStream.range(0, 2 * n).toArray(),
                  IntStream.range(2 * n, points.length).toArray())
              .withSourcesOfFirst(IntStream.range(0, 2 * n).map(i -> i / 2).toArray())
              .logRatioOfSpread(pairs, Pairs.ACROSS_UNITS);
        });
  }

  /** Two networks of each source; a source has a place and a spread of its own. */
  private static double[][] ofSources(int sources, SplittableRandom random) {
    double share = 0.7;
    double[][] points = new double[2 * sources][];
    for (int k = 0; k < sources; k++) {
      double[] source =
          SimulatedStudy.normal(
              50, 0, share * Math.exp(0.15 * random.nextGaussian()) / Math.sqrt(50), random);
      double own =
          Math.sqrt(1 - share * share) * Math.exp(0.15 * random.nextGaussian()) / Math.sqrt(50);
      for (int i = 0; i < 2; i++) {
        double[] point =
            SimulatedStudy.normal(50, 0, own * Math.exp(0.1 * random.nextGaussian()), random);
        for (int d = 0; d < point.length; d++) {
          point[d] += source[d];
        }
        points[2 * k + i] = point;
      }
    }
    return points;
  }

  private static double trueLogOfSources(Pairs pairs) {
    SplittableRandom random = RandomStreams.of(7, 0);
    double sum = 0;
    for (int i = 0; i < MANY / 4; i++) {
      double[][] points = ofSources(2, random);
      sum += Math.sqrt(squared(points[0], points[pairs == Pairs.WITHIN_UNITS ? 1 : 2]));
    }
    return Math.log(sum / (MANY / 4));
  }

  private static double trueLogOfRandom() {
    SplittableRandom random = RandomStreams.of(7, 1);
    Clouds clouds = new Clouds(1, 0, 50, 0.1);
    double sum = 0;
    for (int i = 0; i < MANY / 4; i++) {
      sum += Math.sqrt(squared(clouds.point(false, random), clouds.point(false, random)));
    }
    return Math.log(sum / (MANY / 4));
  }
}
