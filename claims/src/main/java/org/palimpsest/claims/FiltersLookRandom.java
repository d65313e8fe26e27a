package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.KernelAuc;

/** Trained filters still look random: they cannot be told from fresh ones. */
record FiltersLookRandom() implements Claim {

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
        + " nothing can be told.";
  }

  @Override
  public String needs() {
    return "runs from random weights with a checkpoint of the start and one of the end, and layers"
        + " whose kernels have more than one position";
  }

  @Override
  public Finding judge(Observations observations) {
    List<ObservedRun> runs =
        observations.main().map(observations::random).orElse(List.of()).stream()
            .filter(run -> area(observations, run, KernelScore.SMOOTHNESS).isPresent())
            .toList();
    if (runs.isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    for (KernelScore score : KernelScore.values()) {
      Estimate estimate = KernelAuc.over(areas(observations, runs, score));
      evidence.add(
          Evidence.within(
                  "share of pairs in which the trained kernel is the more regular ("
                      + score.words()
                      + ")",
                  estimate,
                  LOW,
                  HIGH,
                  Scale.PLAIN)
              .needingMiddle(estimate, (HIGH - LOW) / 2, "0.5"));
    }
    Evidence control = control(observations, runs);
    Judgement judgement =
        Judgement.allOf(evidence.stream().map(Evidence::judgement).toList())
            .onlyIf(
                control.judgement(),
                "Gabor filters as many as these would not be found either, so that not to find"
                    + " structure means nothing.");
    evidence.add(control.beside());
    return Finding.of(this, judgement, evidence)
        .with(table(observations, runs))
        .covering(Captions.varying(0), Captions.fixedOfWeights())
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(
            List.of(
                "Kernels are looked at one by one, each within one input channel: structure across"
                    + " channels is not seen. Layers with kernels of one position are left out."));
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
        "the same of Gabor filters (positive control)", KernelAuc.over(found), HIGH, Scale.PLAIN);
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
}
