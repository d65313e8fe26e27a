package org.palimpsest.io.internal.isolation;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;

/** How matrices of layers are asked for, and how they come. */
final class MatrixMessages {

  private MatrixMessages() {}

  static void send(MatrixRequest request, Wire wire) throws IOException {
    FeatureMaps rule = request.featureMaps();
    wire.send(request.layers().globs());
    wire.send(rule.mode().name());
    wire.send(rule.positionsPerProbe().stream().asLongStream().toArray());
    wire.send(rule.seed());
    wire.send(request.grids().size());
    for (Map.Entry<String, Set<Grid>> layer : request.grids().entrySet()) {
      wire.send(layer.getKey());
      wire.send(layer.getValue().size());
      for (Grid grid : layer.getValue()) {
        send(grid, wire);
      }
    }
  }

  static MatrixRequest request(Wire wire) throws IOException {
    LayerSelector layers = LayerSelector.of(wire.texts());
    FeatureMaps.Mode mode = FeatureMaps.Mode.valueOf(wire.text());
    OptionalInt positions = Arrays.stream(wire.shape()).mapToInt(Math::toIntExact).findFirst();
    FeatureMaps rule = new FeatureMaps(mode, positions, wire.number());
    Map<String, Set<Grid>> grids = new LinkedHashMap<>();
    for (long left = wire.number(); left > 0; left--) {
      String layer = wire.text();
      Set<Grid> wanted = new LinkedHashSet<>();
      for (long more = wire.number(); more > 0; more--) {
        wanted.add(grid(wire));
      }
      grids.put(layer, wanted);
    }
    return new MatrixRequest(layers, rule, grids);
  }

  static void send(MatrixBatch batch, Wire wire) throws IOException {
    wire.send(batch.firstSample());
    wire.send(batch.samples());
    wire.send(batch.matrices().size());
    for (Map.Entry<MatrixRequest.Target, INDArray> matrix : batch.matrices().entrySet()) {
      wire.send(matrix.getKey().layer());
      send(matrix.getKey().grid(), wire);
      wire.send(matrix.getValue());
    }
    wire.send(batch.flaws().size());
    for (Map.Entry<String, String> flaw : batch.flaws().entrySet()) {
      wire.send(flaw.getKey());
      wire.send(flaw.getValue());
    }
  }

  static MatrixBatch batch(Wire wire) throws IOException {
    long firstSample = wire.number();
    long samples = wire.number();
    Map<MatrixRequest.Target, INDArray> matrices = new LinkedHashMap<>();
    for (long left = wire.number(); left > 0; left--) {
      matrices.put(new MatrixRequest.Target(wire.text(), grid(wire)), wire.tensor());
    }
    Map<String, String> flaws = new LinkedHashMap<>();
    for (long left = wire.number(); left > 0; left--) {
      flaws.put(wire.text(), wire.text());
    }
    return new MatrixBatch(firstSample, samples, matrices, flaws);
  }

  private static void send(Grid grid, Wire wire) throws IOException {
    wire.send(grid.extents().stream().mapToLong(Integer::longValue).toArray());
  }

  private static Grid grid(Wire wire) throws IOException {
    return new Grid(Arrays.stream(wire.shape()).mapToObj(Math::toIntExact).toList());
  }
}
