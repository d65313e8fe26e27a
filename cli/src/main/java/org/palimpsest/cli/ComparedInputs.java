package org.palimpsest.cli;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.internal.file.Aside;
import org.palimpsest.io.Input;
import org.palimpsest.similarity.streaming.CoMoments;

/**
 * The two files of a comparison. Where matrices are smaller than activations, models make them
 * while they run, for which it must be known which layers the other file has.
 */
final class ComparedInputs {

  private final Optional<ShownProbes> shown;
  private final Side rows;
  private final Side columns;

  ComparedInputs(
      OpenedInput first,
      OpenedInput second,
      Optional<ShownProbes> shown,
      LayerSelector layersOfFirst,
      LayerSelector layersOfSecond) {
    this.shown = shown;
    this.rows = new Side(first, layersOfFirst);
    this.columns = first == second ? rows : new Side(second, layersOfSecond);
  }

  /**
   * The scores of two models by sums over positions, which take less memory than positions; none
   * where sums do not serve.
   */
  Optional<ComparisonResult> summed(Comparison comparison, FeatureMaps rule, MemorySize most) {
    if (!rule.equals(FeatureMaps.positions())
        || !(rows.input.input() instanceof Input.Model a)
        || !(columns.input.input() instanceof Input.Model b)) {
      return Optional.empty();
    }
    long second = rows == columns ? 0 : columns.bytesOfProbe();
    long coarser = rows.bytesOfCoarser(columns) + columns.bytesOfCoarser(rows);
    MemoryShares.requireForSums(most, names(), rows.bytesOfProbe(), second, coarser);
    boolean together =
        runElsewhere() && MemoryShares.holdsBoth(most, rows.bytesOfProbe(), second, coarser);
    ShownTogether both = new ShownTogether(a.source(), b.source(), columns.layers);
    return comparison.streamIfSumsServe(
        together ? both.first() : a.source(),
        rows.layers,
        together ? both.second() : b.source(),
        columns.layers,
        shown.orElseThrow().probes(),
        CoMoments.streaming());
  }

  private String names() {
    return rows == columns
        ? "%s with itself".formatted(rows.input.file())
        : "%s and %s".formatted(rows.input.file(), columns.input.file());
  }

  /** Makes sure that there is memory for those two layers of two models that take the most. */
  void requireRoom(FeatureMaps rule, MemorySize most) {
    if (!rule.areReduced()) {
      MemoryShares.requireForPair(most, names(), rows.largestLayer(), columns.largestLayer());
    }
  }

  private boolean runElsewhere() {
    return rows != columns && rows.input.runsElsewhere() && columns.input.runsElsewhere();
  }

  /** Captured side by side, where they are two networks that run elsewhere. */
  Matrices matrices(Comparison comparison, FeatureMaps rule, Progress progress) {
    if (runElsewhere()) {
      return sideBySide(comparison, rule, progress);
    }
    LayerMatrices first = rows.matrices(columns, comparison, rule, progress);
    return new Matrices(
        first, rows == columns ? first : columns.matrices(rows, comparison, rule, progress));
  }

  private Matrices sideBySide(Comparison comparison, FeatureMaps rule, Progress progress) {
    String both = "Capture %s and %s".formatted(rows.input.file(), columns.input.file());
    try (Progress.Task task = progress.begin(both, 2 * shown.orElseThrow().probes().count())) {
      Progress each = (name, steps) -> partOf(task);
      Aside<LayerMatrices> second =
          Aside.begin(
              "palimpsest-second-capture", () -> columns.matrices(rows, comparison, rule, each));
      LayerMatrices first = rows.matrices(columns, comparison, rule, each);
      return new Matrices(first, second.result());
    }
  }

  private static Progress.Task partOf(Progress.Task whole) {
    return new Progress.Task() {
      @Override
      public void advance(long steps) {
        synchronized (whole) {
          whole.advance(steps);
        }
      }

      @Override
      public void close() {}
    };
  }

  /** Of both files. */
  record Matrices(LayerMatrices rows, LayerMatrices columns) {}

  /** One of the files, and its layers' shapes as soon as they are asked for. */
  private final class Side {

    private final OpenedInput input;
    private final LayerSelector layers;
    private @Nullable Map<String, long[]> shapes;

    Side(OpenedInput input, LayerSelector layers) {
      this.input = input;
      this.layers = layers;
    }

    LayerMatrices matrices(Side other, Comparison comparison, FeatureMaps rule, Progress progress) {
      if (!input.canReduce() || !rule.areReduced()) {
        return LayerMatrices.of(input.activations(shown, layers, progress), rule);
      }
      return input.matrices(
          shown, comparison.request(layers, shapes(), other.shapes()), shapes(), progress);
    }

    /** In bytes, of all layers for one probe; 0 where that is not known beforehand. */
    long bytesOfProbe() {
      return known().mapToLong(shape -> bytes(shape) / Math.max(1, shape[0])).sum();
    }

    /**
     * In bytes, of what is averaged for one probe to the coarser grids of this network and of
     * another.
     */
    long bytesOfCoarser(Side other) {
      long[] grids =
          Stream.concat(known(), other.known()).mapToLong(Side::positions).distinct().toArray();
      return known()
          .flatMapToLong(
              shape ->
                  Arrays.stream(grids)
                      .filter(positions -> positions < positions(shape))
                      .map(positions -> Float.BYTES * shape[1] * positions))
          .sum();
    }

    private static long positions(long[] shape) {
      return Arrays.stream(shape).skip(2).reduce(1, Math::multiplyExact);
    }

    /** In bytes, of the layer with the most for all probes; 0 where that is not known. */
    long largestLayer() {
      return known().mapToLong(Side::bytes).max().orElse(0);
    }

    private Stream<long[]> known() {
      return input.canReduce() ? shapes().values().stream() : Stream.empty();
    }

    private static long bytes(long[] shape) {
      return Arrays.stream(shape).reduce(Float.BYTES, Math::multiplyExact);
    }

    private synchronized Map<String, long[]> shapes() {
      Map<String, long[]> known = shapes;
      if (known == null) {
        known = input.shapes(shown, layers);
        shapes = known;
      }
      return known;
    }
  }

  /**
   * Two networks that run in processes of their own, as they are for whoever shows the same probes
   * to one and then to the other: the second begins when the first does.
   */
  private static final class ShownTogether {

    /** What the second was asked before its turn. */
    private record Asked(Probes probes, LayerSelector layers, Aside<ActivationSet> answer) {}

    private final ActivationSource first;
    private final ActivationSource second;
    private final LayerSelector layersOfSecond;
    private @Nullable Asked asked;

    ShownTogether(ActivationSource first, ActivationSource second, LayerSelector layersOfSecond) {
      this.first = first;
      this.second = second;
      this.layersOfSecond = layersOfSecond;
    }

    ActivationSource first() {
      return new View(first) {
        @Override
        public ActivationSet capture(Probes probes, LayerSelector layers, Progress progress) {
          Aside<ActivationSet> answer =
              Aside.begin(
                  "palimpsest-second-network",
                  () -> second.capture(probes, layersOfSecond, Progress.silent()));
          asked = new Asked(probes, layersOfSecond, answer);
          try {
            return first.capture(probes, layers, progress);
          } catch (RuntimeException | Error failure) {
            asked = null;
            answer.abandon(unused -> {});
            throw failure;
          }
        }
      };
    }

    ActivationSource second() {
      return new View(second) {
        @Override
        public ActivationSet capture(Probes probes, LayerSelector layers, Progress progress) {
          Asked before = asked;
          asked = null;
          return before != null && before.probes == probes && before.layers.equals(layers)
              ? before.answer.result()
              : second.capture(probes, layers, progress);
        }
      };
    }

    /** A network as it is. */
    private abstract static class View implements ActivationSource {

      private final ActivationSource network;

      View(ActivationSource network) {
        this.network = network;
      }

      @Override
      public String name() {
        return network.name();
      }

      @Override
      public Provenance provenance() {
        return network.provenance();
      }

      @Override
      public void run(
          Probes probes,
          LayerSelector layers,
          Progress progress,
          Consumer<ActivationBatch> receiver) {
        network.run(probes, layers, progress, receiver);
      }

      @Override
      public void close() {
        network.close();
      }
    }
  }
}
