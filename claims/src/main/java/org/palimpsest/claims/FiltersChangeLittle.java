package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.claims.FilterGrid.NetworkPart;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.WelchContrast;

/** Filters change little during training: angles, of encoder and decoder apart. */
final class FiltersChangeLittle extends Claim {

  private static final double HALF_WAY = 45;
  private static final double HALF = 0.5;
  private static final double NEARLY_ALL = 0.9;
  private static final double EFFECT = 10;

  @Override
  public String number() {
    return "3";
  }

  @Override
  public String key() {
    return "filters-change";
  }

  @Override
  public String statement() {
    return "Convolutional filters change little during training";
  }

  @Override
  public String judged() {
    return "The angle between a filter before training and after it, from 0° (as it was) to 90°"
        + " (nothing to do with what it was), averaged over the filters of a network that started"
        + " at random. The claim holds if the mean lies below 45°, half-way, in the encoder and in"
        + " the decoder. Beside it: how far filters moved as a share of the distance of independent"
        + " filters, and how many are still nearest to themselves among all filters of their"
        + " layer.";
  }

  @Override
  public String needs() {
    return "runs from random weights with a checkpoint of the start and one of the end";
  }

  @Override
  Finding judge(Observations observations) {
    List<String> runs =
        observations.main().stream()
            .flatMap(main -> observations.random(main).stream())
            .map(ObservedRun::name)
            .filter(run -> !observations.fates().getOrDefault(run, List.of()).isEmpty())
            .toList();
    if (runs.isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Evidence> beside = new ArrayList<>();
    for (NetworkPart part : NetworkPart.values()) {
      List<List<LayerFate>> fates =
          runs.stream()
              .map(run -> ofPart(observations.fates().getOrDefault(run, List.of()), part))
              .toList();
      if (fates.stream().noneMatch(List::isEmpty)) {
        evidence.add(angle(part, fates));
        beside.add(change(part, fates));
        beside.add(themselves(part, fates));
      }
    }
    if (evidence.isEmpty()) {
      return Finding.missing(this);
    }
    observations.main().ifPresent(main -> addOthers(observations, main, beside));
    Judgement judgement = Judgement.allOf(evidence.stream().map(Evidence::judgement).toList());
    evidence.addAll(beside);
    return Finding.of(this, judgement, evidence)
        .with(table(observations, runs))
        .covering(Captions.varying(0), Captions.fixedOfWeights())
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(caveats(observations, runs.get(0)));
  }

  private static List<String> caveats(Observations observations, String run) {
    List<String> layers = layers(observations.fates().getOrDefault(run, List.of()));
    String parts =
        NetworkPart.isNamed(layers)
            ? "Encoder and decoder are told apart by the names of layers."
            : "The names of layers do not tell encoder from decoder: the first half of the layers is"
                + " taken for the encoder.";
    return List.of(
        parts,
        "How far weights move depends on the width, the learning rate and the number of steps: the"
            + " verdict is for networks trained as these were.");
  }

  private static List<String> layers(List<LayerFate> fates) {
    return fates.stream().map(LayerFate::layer).toList();
  }

  private static List<LayerFate> ofPart(List<LayerFate> fates, NetworkPart part) {
    List<NetworkPart> parts = NetworkPart.of(layers(fates));
    return IntStream.range(0, fates.size())
        .filter(i -> parts.get(i) == part)
        .mapToObj(fates::get)
        .toList();
  }

  private static Evidence angle(NetworkPart part, List<List<LayerFate>> runs) {
    Estimate estimate = overRuns(runs, LayerFate::angle);
    return Evidence.below(
            Quantity.ANGLE_OF_FILTERS,
            "mean angle between filters before and after training, in degrees, " + part.words(),
            estimate,
            HALF_WAY,
            Scale.PLAIN)
        .of(part.words())
        .needing(estimate, EFFECT, "35°");
  }

  private static Evidence change(NetworkPart part, List<List<LayerFate>> runs) {
    return Evidence.below(
            Quantity.DISTANCE_OF_FILTERS,
            "distance moved, as a share of that between independent filters, " + part.words(),
            overRuns(runs, LayerFate::change),
            HALF,
            Scale.PLAIN)
        .of(part.words())
        .beside();
  }

  private static Evidence themselves(NetworkPart part, List<List<LayerFate>> runs) {
    int[] hits = runs.stream().mapToInt(fates -> sum(fates, true)).toArray();
    int[] filters = runs.stream().mapToInt(fates -> sum(fates, false)).toArray();
    return Evidence.above(
            Quantity.FILTERS_NEAREST_TO_THEMSELVES,
            "share of filters that are still nearest to themselves, " + part.words(),
            Estimate.ofLogitShare(hits, filters),
            Estimate.logit(NEARLY_ALL),
            new Scale(Estimate::fromLogit))
        .of(part.words())
        .beside();
  }

  private static int sum(List<LayerFate> fates, boolean themselves) {
    return fates.stream()
        .mapToInt(fate -> themselves ? fate.nearestToThemselves() : fate.filters())
        .sum();
  }

  private static Estimate overRuns(List<List<LayerFate>> runs, ToDoubleFunction<LayerFate> figure) {
    return WelchContrast.ofMean(runs.stream().mapToDouble(fates -> mean(fates, figure)).toArray())
        .estimate();
  }

  /** Each filter counts as much. */
  private static double mean(List<LayerFate> fates, ToDoubleFunction<LayerFate> figure) {
    double sum = 0;
    for (LayerFate fate : fates) {
      sum += figure.applyAsDouble(fate) * fate.filters();
    }
    return sum / sum(fates, false);
  }

  private static void addOthers(
      Observations observations, TrainingCondition main, List<Evidence> beside) {
    addMeanAngle(
        observations,
        observations.transferred(main),
        "mean angle between filters of transferred networks and their source, in degrees, all layers",
        beside);
    List<ObservedRun> longer = observations.trainedLonger(main);
    addMeanAngle(
        observations,
        longer,
        "mean angle between filters before and after training %s, in degrees, all layers"
            .formatted(ObservedRun.timesAsLong(longer, observations.random(main))),
        beside);
  }

  private static void addMeanAngle(
      Observations observations, List<ObservedRun> runs, String what, List<Evidence> beside) {
    List<List<LayerFate>> fates =
        runs.stream()
            .map(run -> observations.fates().getOrDefault(run.name(), List.of()))
            .filter(found -> !found.isEmpty())
            .toList();
    if (!fates.isEmpty()) {
      beside.add(
          Evidence.below(
                  Quantity.ANGLE_OF_FILTERS,
                  what,
                  overRuns(fates, LayerFate::angle),
                  HALF_WAY,
                  Scale.PLAIN)
              .beside());
    }
  }

  private static Finding.Table table(Observations observations, List<String> runs) {
    List<List<String>> rows = new ArrayList<>();
    for (String run : runs) {
      for (NetworkPart part : NetworkPart.values()) {
        List<LayerFate> fates = ofPart(observations.fates().getOrDefault(run, List.of()), part);
        if (!fates.isEmpty()) {
          rows.add(
              List.of(
                  run,
                  part.words(),
                  String.valueOf(sum(fates, false)),
                  Numbers.of(mean(fates, LayerFate::angle)),
                  Numbers.of(mean(fates, LayerFate::change)),
                  String.valueOf(sum(fates, true))));
        }
      }
    }
    return new Finding.Table(
        "Filters per network, from its start to its end",
        List.of("network", "part", "filters", "angle (°)", "distance", "nearest to themselves"),
        rows);
  }
}
