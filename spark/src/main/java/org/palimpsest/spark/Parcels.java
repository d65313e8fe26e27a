package org.palimpsest.spark;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.StudyWorkers.LayerTask;
import org.palimpsest.core.evolution.StudyWorkers.NetworkRun;
import org.palimpsest.core.evolution.StudyWorkers.NetworkTask;
import org.palimpsest.core.evolution.StudyWorkers.UnreadWeights;
import org.palimpsest.core.evolution.StudyWorkers.WeightTask;
import org.palimpsest.core.evolution.StudyWorkers.WeightsFound;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.io.network.NetworkOptions;

/** Tasks and what comes of them, in a form that Spark sends from machine to machine. */
final class Parcels {

  private Parcels() {}

  /** What is said of a network beside its file; what is not said is null. */
  record SaidParcel(
      @Nullable String architecture,
      @Nullable String key,
      @Nullable String fold,
      @Nullable String checkpoint,
      List<String> withoutPrefixes)
      implements Serializable {

    static SaidParcel of(NetworkOptions said) {
      return new SaidParcel(
          said.architecture().map(file -> file.toAbsolutePath().toString()).orElse(null),
          said.key().orElse(null),
          said.fold().orElse(null),
          said.checkpoint().orElse(null),
          List.copyOf(said.withoutPrefixes()));
    }

    NetworkOptions opened() {
      return new NetworkOptions(
          Optional.ofNullable(architecture).map(Path::of),
          Optional.ofNullable(key),
          Optional.ofNullable(fold),
          Optional.ofNullable(checkpoint),
          withoutPrefixes);
    }
  }

  /** A checkpoint with what is said of it. */
  record CheckpointParcel(long step, String location, SaidParcel said) implements Serializable {

    static CheckpointParcel of(Checkpoint checkpoint, NetworkOptions said) {
      String file = Path.of(checkpoint.location()).toAbsolutePath().toString();
      return new CheckpointParcel(checkpoint.step(), file, SaidParcel.of(said));
    }

    Checkpoint opened() {
      return new Checkpoint(step, location, OptionalDouble.empty());
    }
  }

  /** A network that is to be run. */
  record NetworkParcel(
      String hash,
      CheckpointParcel checkpoint,
      boolean layersAreKnown,
      Map<String, List<List<Integer>>> wanted,
      boolean acrossLayers)
      implements Serializable {

    static NetworkParcel of(NetworkTask task, CheckpointParcel checkpoint) {
      Map<String, List<List<Integer>>> wanted = new LinkedHashMap<>();
      task.wanted()
          .orElse(Map.of())
          .forEach(
              (layer, grids) ->
                  wanted.put(layer, List.copyOf(grids.stream().map(Grid::extents).toList())));
      return new NetworkParcel(
          task.hash(), checkpoint, task.wanted().isPresent(), wanted, task.acrossLayers());
    }

    NetworkTask opened() {
      Map<String, Set<Grid>> grids = new LinkedHashMap<>();
      wanted.forEach(
          (layer, some) -> {
            Set<Grid> of = new LinkedHashSet<>();
            some.forEach(extents -> of.add(new Grid(extents)));
            grids.put(layer, of);
          });
      return new NetworkTask(
          hash,
          checkpoint.opened(),
          layersAreKnown ? Optional.of(grids) : Optional.empty(),
          acrossLayers);
    }
  }

  /** What a network told, or why it cannot be used. */
  record NetworkAnswer(
      Map<String, List<Integer>> layers, List<String> cautions, @Nullable String failure)
      implements Serializable {

    static NetworkAnswer of(NetworkRun run) {
      Map<String, List<Integer>> layers = new LinkedHashMap<>();
      run.layers().grids().forEach((layer, grid) -> layers.put(layer, grid.extents()));
      return new NetworkAnswer(layers, List.copyOf(run.cautions()), null);
    }

    static NetworkAnswer failed(String reason) {
      return new NetworkAnswer(Map.of(), List.of(), reason);
    }

    NetworkRun opened() {
      Map<String, Grid> grids = new LinkedHashMap<>();
      layers.forEach((layer, extents) -> grids.put(layer, new Grid(extents)));
      return new NetworkRun(new LayerGrids(grids), cautions);
    }
  }

  /** Two layers that are to be compared. */
  record LayerParcel(
      String context,
      String hashA,
      String layerA,
      String hashB,
      String layerB,
      String measure,
      List<Integer> grid)
      implements Serializable {

    static LayerParcel of(LayerTask task) {
      Measurement.Key key = task.key();
      return new LayerParcel(
          key.context(),
          key.hashA(),
          key.layerA(),
          key.hashB(),
          key.layerB(),
          key.measure(),
          task.grid().extents());
    }

    LayerTask opened() {
      return new LayerTask(
          new Measurement.Key(context, hashA, layerA, hashB, layerB, measure), new Grid(grid));
    }
  }

  /** Weights that are to be compared. */
  record WeightParcel(
      String comparison, String hashA, CheckpointParcel a, String hashB, CheckpointParcel b)
      implements Serializable {

    WeightTask opened() {
      return new WeightTask(comparison, hashA, a.opened(), hashB, b.opened());
    }
  }

  /** A measurement, or why there is none. */
  record OutcomeParcel(
      @Nullable String failure,
      double value,
      @Nullable Double low,
      @Nullable Double high,
      long n,
      List<String> warnings,
      @Nullable Integer rankA,
      @Nullable Integer rankB,
      @Nullable IntervalParcel overProbes)
      implements Serializable {

    static OutcomeParcel of(Outcome outcome) {
      if (outcome instanceof Measurement found) {
        return new OutcomeParcel(
            null,
            found.value(),
            boxed(found.low()),
            boxed(found.high()),
            found.n(),
            List.copyOf(found.warnings()),
            found.ranks().map(Measurement.Ranks::a).orElse(null),
            found.ranks().map(Measurement.Ranks::b).orElse(null),
            found.overProbes().map(IntervalParcel::of).orElse(null));
      }
      String reason = ((Outcome.Failure) outcome).reason();
      return new OutcomeParcel(reason, 0, null, null, 0, List.of(), null, null, null);
    }

    Outcome opened() {
      return failure == null ? measurement() : new Outcome.Failure(failure);
    }

    private Measurement measurement() {
      return new Measurement(
          value,
          unboxed(low),
          unboxed(high),
          n,
          warnings,
          rankA == null || rankB == null
              ? Optional.empty()
              : Optional.of(new Measurement.Ranks(rankA, rankB)),
          Optional.ofNullable(overProbes).map(IntervalParcel::opened));
    }
  }

  /** An interval, or why there is none. */
  record IntervalParcel(
      @Nullable String refusal,
      double value,
      @Nullable Double corrected,
      double low,
      double high,
      double level,
      @Nullable String method,
      long units,
      @Nullable Double unrelated)
      implements Serializable {

    static IntervalParcel of(Interval interval) {
      if (interval instanceof Interval.Known known) {
        return new IntervalParcel(
            null,
            known.value(),
            boxed(known.corrected()),
            known.low(),
            known.high(),
            known.level(),
            known.method().name(),
            known.units(),
            boxed(known.unrelated()));
      }
      String reason = ((Interval.Refused) interval).reason();
      return new IntervalParcel(
          reason, interval.value(), null, 0, 0, 0, null, interval.units(), null);
    }

    Interval opened() {
      return method == null
          ? new Interval.Refused(value, units, String.valueOf(refusal))
          : new Interval.Known(
              value,
              unboxed(corrected),
              low,
              high,
              level,
              Interval.Method.valueOf(method),
              units,
              unboxed(unrelated));
    }
  }

  /** A measurement of a layer's weights. */
  record WeightOutcome(String layer, String measure, OutcomeParcel outcome)
      implements Serializable {}

  /** Weights that could not be read. */
  record UnreadParcel(String hash, String reason, boolean changed) implements Serializable {}

  /** What came of comparing weights: measurements, a reason, or what could not be read. */
  record WeightAnswer(
      List<WeightOutcome> made, @Nullable String impossible, List<UnreadParcel> unread)
      implements Serializable {

    static WeightAnswer of(WeightsFound found) {
      if (found instanceof WeightsFound.Made made) {
        List<WeightOutcome> all = new ArrayList<>();
        for (LayerMeasurement one : made.measurements()) {
          all.add(
              new WeightOutcome(one.layer(), one.measure(), OutcomeParcel.of(one.measurement())));
        }
        return new WeightAnswer(all, null, List.of());
      }
      if (found instanceof WeightsFound.Impossible impossible) {
        return new WeightAnswer(List.of(), impossible.reason(), List.of());
      }
      List<UnreadParcel> unread = new ArrayList<>();
      for (UnreadWeights one : ((WeightsFound.Unread) found).weights()) {
        unread.add(new UnreadParcel(one.hash(), one.reason(), one.changed()));
      }
      return new WeightAnswer(List.of(), null, unread);
    }

    WeightsFound opened() {
      if (impossible != null) {
        return new WeightsFound.Impossible(impossible);
      }
      if (!unread.isEmpty()) {
        return new WeightsFound.Unread(
            unread.stream()
                .map(one -> new UnreadWeights(one.hash(), one.reason(), one.changed()))
                .toList());
      }
      return new WeightsFound.Made(
          made.stream()
              .map(
                  one ->
                      new LayerMeasurement(one.layer(), one.measure(), one.outcome().measurement()))
              .toList());
    }
  }

  private static @Nullable Double boxed(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static OptionalDouble unboxed(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
