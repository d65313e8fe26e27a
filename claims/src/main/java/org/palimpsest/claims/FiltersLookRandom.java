package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.KernelAuc;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Trained filters still look random: they cannot be told from fresh ones. */
final class FiltersLookRandom extends Claim {

  private static final double LOW = 0.4;
  private static final double HIGH = 0.6;
  private static final int SIDE = 3;
  private static final long SEED = 1_946;

  @Override
  public String number() {
    return "4";
  }

  @Override
  public String key() {
    return "filters-look-random";
  }

  @Override
  public String statement() {
    return "Trained filters still look random";
  }

  @Override
  public String judged() {
    return "If one is shown a kernel of a trained network and a fresh random one (of weights drawn"
        + " from that layer's own start), how often is the trained one the more regular of the two?"
        + " 0.5 means that nobody could tell them apart, 1 that one always could. Two kinds of"
        + " regularity were chosen beforehand: neighbouring weights are alike; weights have one"
        + " sign. The claim holds if both figures lie between 0.4 and 0.6, and does not hold if one"
        + " lies outside. The same look must find Gabor filters, which do have structure; otherwise"
        + " nothing can be told. Networks that were trained for many times as many steps are a second"
        + " control, of whether training makes structure that this look finds; where there are such"
        + " and it finds none, that is told beside.";
  }

  @Override
  public String needs() {
    return "runs from random weights with a checkpoint of the start and one of the end, and layers"
        + " whose kernels have more than one position";
  }

  @Override
  Finding judge(Observations observations) {
    List<ObservedRun> runs =
        withKernels(observations, observations.main().map(observations::random).orElse(List.of()));
    if (runs.isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    for (KernelScore score : KernelScore.values()) {
      evidence.add(looks(observations, runs, score));
    }
    Evidence control = control(observations, runs);
    Judgement judgement =
        Judgement.allOf(evidence.stream().map(Evidence::judgement).toList())
            .onlyIf(
                control.judgement(),
                "Gabor filters as many as these would not be found either, so that not to find"
                    + " structure means nothing.");
    evidence.add(control.beside());
    LongerTraining longer = LongerTraining.of(observations, runs);
    evidence.addAll(longer.evidence());
    return Finding.of(this, judgement, evidence)
        .withReadings(
            judgement.verdict() == Verdict.DOES_NOT_HOLD ? List.of() : longer.reservation())
        .with(
            table(observations, Stream.concat(runs.stream(), longer.networks().stream()).toList()))
        .covering(Captions.varying(0), Captions.fixedOfWeights())
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(
            List.of(
                "Kernels are looked at one by one, each within one input channel: structure across"
                    + " channels is not seen. Layers with kernels of one position are left out."));
  }

  private static Evidence looks(
      Observations observations, List<ObservedRun> runs, KernelScore score) {
    Estimate estimate = KernelAuc.over(areas(observations, runs, score));
    String what =
        "share of pairs in which the trained kernel is the more regular (%s)"
            .formatted(score.words());
    return Evidence.within(score.quantity(), what, estimate, LOW, HIGH, Scale.PLAIN)
        .needingMiddle(estimate, (HIGH - LOW) / 2, "0.5");
  }

  private static List<ObservedRun> withKernels(Observations observations, List<ObservedRun> runs) {
    return runs.stream()
        .filter(run -> area(observations, run, KernelScore.SMOOTHNESS).isPresent())
        .toList();
  }

  /**
   * Networks that were trained for many times as many steps, in which the same look is to find
   * structure if training makes such.
   *
   * @param networks empty if there are none
   * @param howLong beside the others: {@code 8 times as long}
   */
  private record LongerTraining(
      List<ObservedRun> networks, String howLong, List<Evidence> evidence) {

    static LongerTraining of(Observations observations, List<ObservedRun> others) {
      List<ObservedRun> networks =
          withKernels(
              observations, observations.main().map(observations::trainedLonger).orElse(List.of()));
      if (networks.isEmpty()) {
        return new LongerTraining(List.of(), "", List.of());
      }
      String howLong = ObservedRun.timesAsLong(networks, others);
      List<Evidence> evidence = new ArrayList<>();
      for (KernelScore score : KernelScore.values()) {
        evidence.add(
            Evidence.above(
                    score.afterLonger(),
                    "the same of networks trained %s (positive control; %s)"
                        .formatted(howLong, score.words()),
                    KernelAuc.over(areas(observations, networks, score)),
                    HIGH,
                    Scale.PLAIN)
                .beside());
      }
      return new LongerTraining(networks, howLong, evidence);
    }

    /** What it means for the verdict if the look does not find them. */
    List<String> reservation() {
      if (networks.isEmpty()) {
        return List.of();
      }
      Verdict found =
          Judgement.someOf(evidence.stream().map(Evidence::judgement).toList()).verdict();
      if (found == Verdict.HOLDS) {
        return List.of();
      }
      return List.of(
          "Of networks trained %s (%s of them) the shares are %s; above %s was looked for as a positive control, %s. So it is shown that this look finds Gabor filters, and not that it finds what training makes of filters."
              .formatted(
                  howLong,
                  networks.size(),
                  evidence.stream().map(Evidence::inWords).collect(Collectors.joining(" and ")),
                  Numbers.threshold(HIGH),
                  found == Verdict.DOES_NOT_HOLD ? "and not found" : "and cannot be told"));
    }
  }

  private static List<KernelAuc> areas(
      Observations observations, List<ObservedRun> runs, KernelScore score) {
    return runs.stream()
        .map(run -> area(observations, run, score))
        .flatMap(Optional::stream)
        .toList();
  }

  /** Over the layers of a run, each kernel counting as much. */
  private static Optional<KernelAuc> area(
      Observations observations, ObservedRun run, KernelScore score) {
    List<KernelAuc> layers =
        observations.fates().getOrDefault(run.name(), List.of()).stream()
            .flatMap(fate -> Optional.ofNullable(fate.looks().get(score)).stream())
            .toList();
    int kernels = layers.stream().mapToInt(KernelAuc::kernels).sum();
    if (kernels == 0) {
      return Optional.empty();
    }
    double value = 0;
    double variance = 0;
    for (KernelAuc layer : layers) {
      double share = (double) layer.kernels() / kernels;
      value += share * layer.value();
      variance += share * share * layer.variance();
    }
    return Optional.of(new KernelAuc(value, variance, kernels));
  }

  /** Gabor filters in the place of the trained kernels, as many of as many networks. */
  private static Evidence control(Observations observations, List<ObservedRun> runs) {
    SplittableRandom random = new SplittableRandom(SEED);
    int[][] neighbours = KernelScore.neighbours(List.of(SIDE, SIDE));
    List<KernelAuc> found = new ArrayList<>();
    for (KernelAuc area : areas(observations, runs, KernelScore.SMOOTHNESS)) {
      double[][] gabors = new double[area.kernels()][];
      Arrays.setAll(gabors, i -> gabor(random));
      double[][] fresh = new double[area.kernels() * KernelAuc.FRESH_PER_TRAINED][SIDE * SIDE];
      for (double[] kernel : fresh) {
        Arrays.setAll(kernel, i -> random.nextGaussian());
      }
      found.add(
          KernelAuc.of(
              FilterFates.scores(gabors, KernelScore.SMOOTHNESS, neighbours),
              FilterFates.scores(fresh, KernelScore.SMOOTHNESS, neighbours)));
    }
    return Evidence.above(
        Quantity.KERNEL_SMOOTHNESS_OF_GABORS,
        "the same of Gabor filters (positive control)",
        KernelAuc.over(found),
        HIGH,
        Scale.PLAIN);
  }

  /** An oriented wave under a bell, 3 × 3, of any direction and phase. */
  private static double[] gabor(SplittableRandom random) {
    double direction = random.nextDouble(Math.PI);
    double phase = random.nextDouble(2 * Math.PI);
    double frequency = random.nextDouble(0.1, 0.3);
    double[] kernel = new double[SIDE * SIDE];
    for (int i = 0; i < kernel.length; i++) {
      int row = i / SIDE;
      double y = row - 1.0;
      double x = i % SIDE - 1.0;
      double along = x * Math.cos(direction) + y * Math.sin(direction);
      kernel[i] =
          Math.exp(-(x * x + y * y) / 4) * Math.cos(2 * Math.PI * frequency * along + phase)
              + 0.1 * random.nextGaussian();
    }
    return kernel;
  }

  private static Finding.Table table(Observations observations, List<ObservedRun> runs) {
    List<List<String>> rows = new ArrayList<>();
    for (ObservedRun run : runs) {
      List<String> row = new ArrayList<>(List.of(run.name()));
      for (KernelScore score : KernelScore.values()) {
        Optional<KernelAuc> area = area(observations, run, score);
        row.add(area.map(found -> Numbers.of(found.value())).orElse("–"));
      }
      row.add(
          area(observations, run, KernelScore.SMOOTHNESS)
              .map(found -> String.valueOf(found.kernels()))
              .orElse("–"));
      rows.add(row);
    }
    return new Finding.Table(
        "How often the trained kernel is the more regular of two, per network",
        List.of("network", "neighbours alike", "one sign", "kernels"),
        rows);
  }

  /**
   * What about a kernel may tell a trained one from a random one. The scores were chosen before any
   * network was looked at; neither depends on the kernel's norm.
   */
  enum KernelScore {
    /** Σ of products of neighbours over Σ of squares: high where weights change slowly. */
    SMOOTHNESS(
        Quantity.KERNEL_SMOOTHNESS,
        Quantity.KERNEL_SMOOTHNESS_AFTER_LONGER,
        "smoothness",
        "weights beside each other are alike") {
      @Override
      double of(double[] kernel, int[][] neighbours) {
        double products = 0;
        for (int[] pair : neighbours) {
          products += kernel[pair[0]] * kernel[pair[1]];
        }
        return products / squares(kernel);
      }
    },
    /** The square of the sum over the sum of squares: high where most weights have one sign. */
    ONE_SIGN(
        Quantity.KERNEL_ONE_SIGN,
        Quantity.KERNEL_ONE_SIGN_AFTER_LONGER,
        "one_sign",
        "weights of a kernel have one sign") {
      @Override
      double of(double[] kernel, int[][] neighbours) {
        double sum = 0;
        for (double weight : kernel) {
          sum += weight;
        }
        return sum * sum / squares(kernel);
      }
    };

    private final Quantity quantity;
    private final Quantity afterLonger;
    private final String label;
    private final String words;

    KernelScore(Quantity quantity, Quantity afterLonger, String label, String words) {
      this.quantity = quantity;
      this.afterLonger = afterLonger;
      this.label = label;
      this.words = words;
    }

    /** The score of a kernel; 0 of one that is all zeros. */
    abstract double of(double[] kernel, int[][] neighbours);

    /** What evidence of it is a value of. */
    Quantity quantity() {
      return quantity;
    }

    /** The same of networks that were trained longer. */
    Quantity afterLonger() {
      return afterLonger;
    }

    /** In the names of measures. */
    String label() {
      return label;
    }

    /** For sentences. */
    String words() {
      return words;
    }

    /** Both positions of each pair of neighbours along an axis, positions in C order. */
    static int[][] neighbours(List<Integer> extents) {
      int size = extents.stream().reduce(1, Math::multiplyExact);
      List<int[]> pairs = new ArrayList<>();
      int stride = size;
      for (int extent : extents) {
        stride /= extent;
        for (int position = 0; position < size; position++) {
          if (position / stride % extent + 1 < extent) {
            pairs.add(new int[] {position, position + stride});
          }
        }
      }
      return pairs.toArray(int[][]::new);
    }

    private static double squares(double[] kernel) {
      double sum = 0;
      for (double weight : kernel) {
        sum += weight * weight;
      }
      return sum == 0 ? 1 : sum;
    }
  }
}
