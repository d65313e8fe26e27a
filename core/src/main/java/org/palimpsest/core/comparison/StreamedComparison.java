package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.activation.SteadyShapes;
import org.palimpsest.core.engine.OffHeapGarbage;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.representation.View;

/** Two networks that are shown a few probes at a time. For one comparison. */
final class StreamedComparison {

  /** As many as importers show a network at once. */
  static final int PROBES_AT_ONCE = 16;

  private static final long GARBAGE_OF_MEMORY = 1L << 30;

  /** Some successive probes of many. */
  private record ProbeRange(Probes all, long from, long to) implements Probes {

    @Override
    public long count() {
      return to - from;
    }

    @Override
    public long[] shape() {
      long[] shape = all.shape().clone();
      shape[0] = count();
      return shape;
    }

    @Override
    public INDArray batch(long first, long end) {
      return all.batch(from + first, from + end);
    }

    /** Of all, since it is all that the sums will be of. */
    @Override
    public Fingerprint fingerprint() {
      return all.fingerprint();
    }
  }

  /** Layers that meet, and the sums of them. */
  private record Gathered(Meeting meeting, StreamedLayers sums) {}

  /** One of the networks. */
  private final class Side {

    private final ActivationSource network;
    private final SteadyShapes shapes = new SteadyShapes();
    private List<String> layers = List.of();
    private Map<String, Set<Grid>> wanted = Map.of();
    private Map<MatrixRequest.Target, Representation> matrices = Map.of();

    Side(ActivationSource network) {
      this.network = network;
    }

    ActivationSet run(ProbeRange probes, LayerSelector selector) {
      ActivationSet answers = network.capture(probes, selector, Progress.silent());
      if (probes.from() == 0) {
        layers = answers.layers();
      } else if (!layers.equals(answers.layers())) {
        throw new PalimpsestException(
            "%s answers the probes from number %d on with other layers than the earlier ones (%s, and %s). Choose layers that always run."
                .formatted(network.name(), probes.from(), answers.layers(), layers));
      }
      for (String layer : layers) {
        shapes.require(layer, answers.get(layer).values().shape(), probes.from());
      }
      return answers;
    }

    Meeting.Side grids(ActivationSet answers) {
      Map<String, Grid> grids = new LinkedHashMap<>();
      layers.forEach(layer -> grids.put(layer, featureMaps.gridOf(answers.get(layer))));
      return new Meeting.Side(network.name(), grids);
    }

    void represent(ActivationSet answers, ProbeRange probes) {
      MatrixRequest request = new MatrixRequest(LayerSelector.all(), featureMaps, wanted);
      Map<MatrixRequest.Target, Representation> made = new LinkedHashMap<>();
      for (String layer : wanted.keySet()) {
        INDArray values = answers.get(layer).values();
        request
            .reduce(layer, values, probes.from())
            .forEach((target, matrix) -> made.put(target, representation(target, matrix, probes)));
        garbage.leave(values.length() * values.dataType().width());
      }
      made.values().forEach(one -> garbage.leave(one.matrix().length() * Double.BYTES));
      matrices = made;
    }

    private Representation representation(
        MatrixRequest.Target target, INDArray matrix, ProbeRange probes) {
      View view = new View(featureMaps, target.grid());
      return new Representation(
          new RepresentationInfo(
              target.layer(),
              matrix.rows(),
              matrix.columns(),
              Math.toIntExact(matrix.rows() / probes.count()),
              probes.fingerprint(),
              view.describe()),
          matrix);
    }

    List<Representation> on(Grid grid, List<String> some) {
      return some.stream()
          .map(layer -> new MatrixRequest.Target(layer, grid))
          .map(target -> Objects.requireNonNull(matrices.get(target), target.layer()))
          .toList();
    }
  }

  private final List<Measure<?>> measures;
  private final FeatureMaps featureMaps;
  private final BiFunction<Meeting.Side, Meeting.Side, List<Meeting>> meetings;
  private final StreamedLayers.Kind kind;
  private final Progress progress;
  private final OffHeapGarbage garbage = OffHeapGarbage.within(GARBAGE_OF_MEMORY);
  private final List<Gathered> gathered = new ArrayList<>();

  /**
   * @param meetings which layers of two networks are compared
   */
  StreamedComparison(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      BiFunction<Meeting.Side, Meeting.Side, List<Meeting>> meetings,
      StreamedLayers.Kind kind,
      Progress progress) {
    this.measures = measures;
    this.featureMaps = featureMaps;
    this.meetings = meetings;
    this.kind = kind;
    this.progress = progress;
  }

  ComparisonResult compare(
      ActivationSource first, ActivationSource second, Probes probes, LayerSelector layers) {
    Side a = new Side(first);
    Side b = new Side(second);
    try (Progress.Task task = progress.begin("stream", probes.count())) {
      for (long from = 0; from < probes.count(); from += PROBES_AT_ONCE) {
        ProbeRange some =
            new ProbeRange(probes, from, Math.min(from + PROBES_AT_ONCE, probes.count()));
        add(a, b, some, layers);
        task.advance(some.count());
      }
    }
    ScoreTables tables = new ScoreTables(measures, a.layers, b.layers);
    for (Gathered one : gathered) {
      tables.view(one.meeting(), featureMaps);
      for (int measure = 0; measure < measures.size(); measure++) {
        score(one, measure, tables);
      }
    }
    return tables.result(first.provenance(), second.provenance());
  }

  private void add(Side a, Side b, ProbeRange probes, LayerSelector layers) {
    ActivationSet ofA = a.run(probes, layers);
    ActivationSet ofB = b.run(probes, layers);
    if (gathered.isEmpty()) {
      List<Meeting> found = meetings.apply(a.grids(ofA), b.grids(ofB));
      a.wanted = Meeting.grids(found, Meeting::rows);
      b.wanted = Meeting.grids(found, Meeting::columns);
      found.forEach(meeting -> gathered.add(new Gathered(meeting, kind.begin())));
    }
    a.represent(ofA, probes);
    b.represent(ofB, probes);
    for (Gathered one : gathered) {
      Grid grid = one.meeting().grid();
      one.sums().add(a.on(grid, one.meeting().rows()), b.on(grid, one.meeting().columns()));
    }
  }

  private void score(Gathered one, int measure, ScoreTables tables) {
    List<String> rows = one.meeting().rows();
    List<String> columns = one.meeting().columns();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        try {
          tables.score(
              measure, rows.get(i), columns.get(j), one.sums().score(measures.get(measure), i, j));
        } catch (PalimpsestException failure) {
          tables.failure(measure, rows.get(i), columns.get(j), failure);
        }
      }
    }
  }
}
