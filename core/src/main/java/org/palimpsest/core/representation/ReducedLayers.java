package org.palimpsest.core.representation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.FeatureMaps.View;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;

/** See {@link LayerMatrices#capture}. */
final class ReducedLayers implements LayerMatrices {

  private final String name;
  private final Provenance provenance;
  private final Probes probes;
  private final MatrixRequest request;
  private final Map<String, long[]> shapes;
  private final Map<String, String> flaws;
  private final List<String> layers;
  private final Store store;

  private ReducedLayers(
      ReducingSource network,
      Probes probes,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Received received) {
    this.name = network.name();
    this.provenance = network.provenance();
    this.probes = probes;
    this.request = request;
    this.shapes = shapes;
    this.flaws = received.flaws;
    Map<String, Grid> fitting = grids(request.featureMaps(), shapes);
    this.layers =
        shapes.keySet().stream()
            .filter(
                layer ->
                    received.ran.contains(layer)
                        || !fitting.containsKey(layer)
                        || request.gridsOf(layer).isEmpty())
            .toList();
    this.store = received.store;
  }

  static ReducedLayers capture(
      ReducingSource network,
      Probes probes,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Store store,
      Progress progress) {
    Received received = new Received(store);
    if (request.grids().values().stream().anyMatch(grids -> !grids.isEmpty())) {
      network.run(probes, request, progress, received);
    }
    received.requireWhole(probes.count(), request.featureMaps());
    store.finish(received.flaws.keySet());
    return new ReducedLayers(network, probes, request, shapes, received);
  }

  /** Keeps the matrices apart from what is known of them. */
  private static final class Received implements Consumer<MatrixBatch> {

    private final Store store;
    private final Map<String, String> flaws = new LinkedHashMap<>();
    private final Set<String> ran = new LinkedHashSet<>();
    private final Map<MatrixRequest.Target, Long> rows = new LinkedHashMap<>();

    Received(Store store) {
      this.store = store;
    }

    @Override
    public void accept(MatrixBatch batch) {
      batch.flaws().forEach(flaws::putIfAbsent);
      ran.addAll(batch.flaws().keySet());
      Map<MatrixRequest.Target, INDArray> sound = new LinkedHashMap<>(batch.matrices());
      sound.keySet().removeIf(target -> flaws.containsKey(target.layer()));
      sound.forEach(
          (target, matrix) -> {
            ran.add(target.layer());
            rows.merge(target, matrix.size(0), Long::sum);
          });
      store.accept(new MatrixBatch(batch.firstSample(), batch.samples(), sound, Map.of()));
    }

    void requireWhole(long probes, FeatureMaps rule) {
      rows.forEach(
          (target, found) -> {
            long perProbe = rule.view(target.grid()).rowsPerProbe();
            if (!flaws.containsKey(target.layer()) && found != probes * perProbe) {
              throw new PalimpsestException(
                  "Layer '%s' gave %s rows for %s probes: its first dimension is not the samples'. Leave it out."
                      .formatted(target.layer(), found / perProbe, probes));
            }
          });
    }
  }

  /** Joins batches into whole matrices. */
  static final class InMemory implements Store {

    private final Map<MatrixRequest.Target, List<INDArray>> parts = new LinkedHashMap<>();

    @Override
    public void accept(MatrixBatch batch) {
      batch.matrices().forEach((target, matrix) -> partsOf(target).add(matrix));
    }

    private List<INDArray> partsOf(MatrixRequest.Target target) {
      return parts.computeIfAbsent(target, t -> new ArrayList<>());
    }

    @Override
    public void finish(Set<String> flawed) {
      parts.keySet().removeIf(target -> flawed.contains(target.layer()));
    }

    @Override
    public INDArray get(MatrixRequest.Target target) {
      List<INDArray> known = partsOf(target);
      if (known.size() > 1) {
        INDArray whole = Nd4j.concat(0, known.toArray(new INDArray[0]));
        known.clear();
        known.add(whole);
      }
      return known.get(0);
    }
  }

  static Map<String, Grid> grids(FeatureMaps rule, Map<String, long[]> shapes) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    shapes.forEach(
        (layer, shape) -> {
          try {
            grids.put(layer, rule.gridOf(layer, shape));
          } catch (PalimpsestException misfit) {
            // whoever asks for the layer's grid will hear of it
          }
        });
    return Collections.unmodifiableMap(grids);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return provenance;
  }

  @Override
  public Fingerprint probes() {
    return probes.fingerprint();
  }

  @Override
  public long samples() {
    return probes.count();
  }

  @Override
  public List<String> layers() {
    return layers;
  }

  @Override
  public FeatureMaps featureMaps() {
    return request.featureMaps();
  }

  @Override
  public long[] shape(String layer) {
    long[] shape = shapes.get(layer);
    if (shape == null) {
      throw LayerSelector.unknown(layer, List.copyOf(shapes.keySet()));
    }
    return shape;
  }

  @Override
  public Representation get(String layer, Grid grid) {
    if (flaws.containsKey(layer)) {
      throw new PalimpsestException(Objects.requireNonNull(flaws.get(layer)));
    }
    Grid own = grid(layer);
    if (!request.gridsOf(layer).contains(grid)) {
      throw new PalimpsestException(
          "Layer '%s' of the grid %s was not captured on the grid %s.".formatted(layer, own, grid));
    }
    View view = request.featureMaps().view(grid);
    INDArray matrix = store.get(new MatrixRequest.Target(layer, grid));
    return new Representation(
        new Representation.Info(
            layer,
            matrix.rows(),
            matrix.columns(),
            view.rowsPerProbe(),
            probes.fingerprint(),
            view.describe()),
        matrix);
  }
}
