package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps.Grid;

/**
 * The layers of one network as matrices, made by one rule: what the engine compares. Matrices are
 * made or read when they are asked for, so that not all layers are in memory at once.
 *
 * <p>{@link #of} makes them of activations; {@link #capture} holds those that a network makes while
 * it runs; a {@link Region} narrows others to a part of the image.
 */
public interface LayerMatrices {

  /** What to call the network in a table or a picture, such as the name of its file. */
  String name();

  /** Where the network came from. */
  Provenance provenance();

  /** The fingerprint of the probes, or that it is unknown. */
  Fingerprint probes();

  /** How many probes the network was shown. */
  long samples();

  /** The layers' paths, in the order in which they ran. */
  List<String> layers();

  /**
   * The grid on which a layer would be compared to others of the same grid.
   *
   * @throws PalimpsestException if its shape does not fit the rule
   */
  default Grid grid(String layer) {
    return featureMaps().gridOf(layer, shape(layer));
  }

  /** The shape of a layer's activations; may read them from a file. */
  long[] shape(String layer);

  /** How activations become matrices. */
  FeatureMaps featureMaps();

  /** The part of the image to which positions are narrowed, if they are. */
  default Optional<Region> region() {
    return Optional.empty();
  }

  /** How they do so on a grid, for people. */
  default String describe(Grid grid) {
    return featureMaps().view(grid).describe();
  }

  /**
   * One layer's matrix on a grid; may be read from a file, or made now.
   *
   * @throws PalimpsestException if a value is not finite, or the grid does not fit
   */
  Representation get(String layer, Grid grid);

  /**
   * One layer's matrices on several grids, one after the other. What they are made of is read once,
   * where reading costs.
   *
   * @param use is handed each grid with the layer's matrix on it
   * @throws org.palimpsest.core.PalimpsestException as {@link #get}
   */
  default void onEach(
      String layer, Collection<Grid> grids, BiConsumer<? super Grid, ? super Representation> use) {
    grids.forEach(grid -> use.accept(grid, get(layer, grid)));
  }

  /**
   * Makes sure that files of which it was read, or is still to be read, are as they were.
   *
   * @throws PalimpsestException if one changed
   */
  default void requireUnchanged() {}

  /** Matrices that are made of activations whenever they are asked for. */
  static LayerMatrices of(ActivationSet activations, FeatureMaps featureMaps) {
    return featureMaps.matrices(activations);
  }

  /**
   * The matrices of a network whose activations are reduced while it runs, by pooling or to some
   * positions of each probe. Memory then holds the matrices, and never the activations: of a volume
   * of 128³ positions, of which 1000 are drawn, a two-thousandth. There are those that were
   * requested, and no others. A layer that holds a value that is not finite says so when it is
   * asked for.
   *
   * <p>Comparisons and studies make such by themselves where their rule for feature maps
   * {@linkplain FeatureMaps#areReduced makes less} of activations. Who wants to see the matrices
   * asks a network for the shapes, decides on grids, and runs it:
   *
   * <pre>{@code
   * Map<String, long[]> shapes = network.shapes(probes, layers);
   * Map<String, Set<Grid>> grids = new LinkedHashMap<>();
   * LayerMatrices.grids(rule, shapes).forEach((layer, grid) -> grids.put(layer, Set.of(grid)));
   * MatrixRequest request = new MatrixRequest(layers, rule, grids);
   * LayerMatrices matrices =
   *     LayerMatrices.capture(network, probes, request, shapes, Progress.silent());
   * }</pre>
   *
   * <p>All probes are shown, and the matrices are kept in memory: n · p numbers for each layer and
   * grid, and twice that for a moment when a matrix of several batches is first asked for.
   *
   * @param network is run once, or not at all if nothing is requested
   * @param probes what it is shown
   * @param request the layers and the grids on which they are wanted
   * @param shapes what the network told of its layers, as {@link ReducingSource#shapes} gives it
   * @param progress hears of each probe done
   * @throws PalimpsestException if the network cannot take the probes, or a layer's first dimension
   *     is not that of the samples
   */
  static LayerMatrices capture(
      ReducingSource network,
      Probes probes,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Progress progress) {
    return capture(network, probes, request, shapes, new ReducedLayers.InMemory(), progress);
  }

  /** As the other, keeping the matrices elsewhere. */
  static LayerMatrices capture(
      ReducingSource network,
      Probes probes,
      MatrixRequest request,
      Map<String, long[]> shapes,
      Store store,
      Progress progress) {
    return ReducedLayers.capture(network, probes, request, shapes, store, progress);
  }

  /**
   * The grids on which layers would be compared; those whose shapes do not fit the rule have none.
   *
   * @param rule how feature maps become matrices
   * @param shapes by layer, the shape of its activations, samples first
   * @return in the order of the shapes; {@link #grid(String)} of a layer that is not in it says why
   */
  static Map<String, Grid> grids(FeatureMaps rule, Map<String, long[]> shapes) {
    return ReducedLayers.grids(rule, shapes);
  }

  /**
   * Where matrices wait until all batches are there, such as memory or files. One store serves one
   * capture, and is called by one thread at a time: {@code accept} for each batch in order, {@code
   * finish} once, then {@code get}.
   */
  interface Store {

    /**
     * Takes the matrices of the next batch, which are its own from then on. A layer in which a
     * value that is not finite was found is no longer among them.
     *
     * @param batch rows of the next probes, in the order of the probes; its flaws are empty
     */
    void accept(MatrixBatch batch);

    /**
     * All batches were there; of layers with a flaw nothing will be asked.
     *
     * @param flawed the layers whose matrices may be dropped
     */
    void finish(Set<String> flawed);

    /**
     * A whole matrix: the rows of all batches, one below the other.
     *
     * @param target a layer and a grid that were requested, of a layer without a flaw
     * @return (probes × rows per probe) × features
     */
    INDArray get(MatrixRequest.Target target);
  }

  /**
   * A network that makes matrices of its layers' activations while it runs, so that whole
   * activations are nowhere kept. Comparisons and studies use it of themselves where their rule for
   * feature maps {@linkplain FeatureMaps#areReduced makes less} of activations; all networks that
   * the module {@code io} opens are such, but for those of plug-ins.
   */
  interface ReducingSource extends ActivationSource {

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
    void run(
        Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver);
  }

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
