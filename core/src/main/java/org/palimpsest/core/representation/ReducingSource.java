package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/**
 * A network that makes matrices of its layers' activations while it runs, so that whole activations
 * are nowhere kept. Comparisons and studies use it of themselves where their rule for feature maps
 * {@linkplain FeatureMaps#areReduced makes less} of activations; all networks that the module
 * {@code io} opens are such, but for those of plug-ins.
 */
public interface ReducingSource extends ActivationSource {

  /**
   * The shapes of the selected layers' activations to all probes, in the order in which they ran;
   * shows the network as few probes as it takes.
   *
   * @throws org.palimpsest.core.PalimpsestException if a layer is unknown, or the network cannot
   *     take these probes
   */
  Map<String, long[]> shapes(Probes probes, LayerSelector layers);

  /**
   * Shows the network the probes, batch by batch, in order.
   *
   * @param probes what it is shown
   * @param request what is wanted of its layers
   * @param progress hears of each probe done
   * @param receiver gets each batch's matrices
   * @throws org.palimpsest.core.PalimpsestException if a layer is unknown, or the network cannot
   *     take these probes
   */
  void run(Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver);

  /**
   * The matrices of layers that a few successive probes gave, made where the network ran. Of a
   * layer that holds a value which is not finite there is the reason instead, in this batch and not
   * in all: whoever collects batches leaves the layer out.
   *
   * @param firstSample the index of the first of these probes
   * @param samples how many they are
   * @param matrices in the order in which the layers ran, their rows being those of these probes,
   *     one probe after the other; the tensors belong to the receiver
   * @param flaws by layer, why there are no matrices of it
   */
  record MatrixBatch(
      long firstSample,
      long samples,
      Map<MatrixRequest.Target, INDArray> matrices,
      Map<String, String> flaws)
      implements CapturedBatch {

    public MatrixBatch {
      matrices = Collections.unmodifiableMap(new LinkedHashMap<>(matrices));
      flaws = Map.copyOf(flaws);
    }

    @Override
    public Collection<INDArray> tensors() {
      return matrices.values();
    }
  }

  /**
   * What is wanted of a network in place of whole activations: matrices of its layers, on the grids
   * on which they will be compared. {@link org.palimpsest.core.comparison.Comparison#request} makes
   * one of the shapes of both networks; a {@link ReducingSource} answers it batch by batch.
   *
   * @param layers which layers were asked for
   * @param featureMaps how their activations become matrices
   * @param grids by layer, on which grids it is wanted; of layers without an entry nothing is
   */
  record MatrixRequest(
      LayerSelector layers, FeatureMaps featureMaps, Map<String, Set<Grid>> grids) {

    /** One matrix: a layer on a grid. */
    public record Target(String layer, Grid grid) {}

    public MatrixRequest {
      Map<String, Set<Grid>> copy = new LinkedHashMap<>();
      grids.forEach((layer, some) -> copy.put(layer, Collections.unmodifiableSet(some)));
      grids = Collections.unmodifiableMap(copy);
    }

    /** The grids on which a layer is wanted, none if it is not. */
    public Set<Grid> gridsOf(String layer) {
      return grids.getOrDefault(layer, Set.of());
    }

    /**
     * Makes the matrices of a layer that are wanted; drawn positions are those of the probes'
     * numbers, so that batches of any size give the same rows.
     *
     * @param layer its path
     * @param values its output for some successive probes, samples first
     * @param firstProbe the number of the first of them among all
     * @return a matrix for each grid, which belongs to the caller; none if the layer is not wanted
     * @throws PalimpsestException if a value is not finite, or a grid does not fit
     */
    public Map<Target, INDArray> reduce(String layer, INDArray values, long firstProbe) {
      Activations activations = Activations.of(layer, values);
      Map<Target, INDArray> matrices = new LinkedHashMap<>();
      for (Grid grid : gridsOf(layer)) {
        matrices.put(new Target(layer, grid), featureMaps.matrix(activations, grid, firstProbe));
      }
      return matrices;
    }

    /**
     * Makes the same matrices of a single probe with the values of each feature one after the other
     * in memory (order 'f'), as networks give them: where a matrix holds all of the layer's values
     * it is a view of them, and their memory its own.
     *
     * @param layer its path
     * @param values its output for one probe, of shape {@code (1, …)}
     * @param probe the number of the probe among all
     * @throws PalimpsestException if a value is not finite, or a grid does not fit
     */
    public Map<Target, INDArray> reduceFeaturesFirst(String layer, INDArray values, long probe) {
      Activations activations = Activations.of(layer, values);
      Map<Target, INDArray> matrices = new LinkedHashMap<>();
      for (Grid grid : gridsOf(layer)) {
        matrices.put(
            new Target(layer, grid), featureMaps.matrixFeaturesFirst(activations, grid, probe));
      }
      return matrices;
    }

    /** How many rows each probe has on a grid. */
    public int rowsPerProbe(Grid grid) {
      return featureMaps.view(grid).rowsPerProbe();
    }

    /** The positions of a probe that are drawn on a grid, in ascending order. */
    public int[] positions(Grid grid, long probe) {
      return PositionSampler.draw(featureMaps.view(grid), probe);
    }

    /**
     * What to throw, or to keep as a flaw, where a layer's value is not finite.
     *
     * @param shape of the layer's output for any number of probes
     * @param index where the value lies among those of all probes
     */
    public static PalimpsestException notFinite(
        String layer, double value, long[] shape, long index) {
      long positions = 1;
      for (int axis = 2; axis < shape.length; axis++) {
        positions *= shape[axis];
      }
      return MatrixBuilder.notFinite(layer, value, positions, shape[1], index);
    }
  }
}
