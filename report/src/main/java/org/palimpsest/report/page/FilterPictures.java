package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.report.plot.FilterMosaic;

/**
 * Filters of a network at two checkpoints of its training, side by side, layer by layer: the
 * pictures of a {@link StudyReport} that a table of figures cannot give.
 *
 * <p>Drawn are convolutions in a plane or a volume that both checkpoints have with the same name
 * and shape, in the order of the file; of volumes the middle slice. Layers of unknown kind are
 * taken for convolutions that are not transposed. Reads the weights of two checkpoints a group and
 * runs no network.
 */
public final class FilterPictures {

  /** Something else to draw of a layer at two checkpoints, such as how well its filters match. */
  @FunctionalInterface
  public interface OfLayer {

    /** Nothing if the layer does not lend itself to it. */
    Optional<StudyReport.Picture> draw(String run, String layer, Weights before, Weights after);
  }

  private static final OfLayer NOTHING_ELSE = (run, layer, before, after) -> Optional.empty();

  private FilterPictures() {}

  /**
   * Of the first run of each group, its first and its last usable checkpoint. What cannot be read,
   * or is not what the table's figures are of any more, is left out.
   *
   * @param networks opens the checkpoints
   * @param most how many layers of a run at most, evenly chosen
   * @param other what else to draw of each of these layers
   */
  public static List<StudyReport.Picture> ofFirstRuns(
      EvolutionTable table, CheckpointOpener networks, int most, OfLayer other) {
    List<StudyReport.Picture> pictures = new ArrayList<>();
    for (Group group : Group.of(table)) {
      List<CheckpointRecord> usable = usable(table, group.runs().get(0));
      if (usable.size() > 1) {
        try {
          Snapshot before = snapshot(usable.get(0), networks);
          Snapshot after = snapshot(usable.get(usable.size() - 1), networks);
          pictures.addAll(pictures(group.runs().get(0), before, after, most, other));
        } catch (PalimpsestException unreadable) {
          continue; // a report of kept figures must not need files that are gone
        }
      }
    }
    return pictures;
  }

  private static Snapshot snapshot(CheckpointRecord known, CheckpointOpener networks) {
    Weights weights = networks.weights(known.checkpoint());
    networks.requireUnchanged(known.checkpoint(), known.hash());
    return new Snapshot("step " + known.checkpoint().step(), weights);
  }

  private static List<CheckpointRecord> usable(EvolutionTable table, String run) {
    return table.checkpoints().stream()
        .filter(c -> c.run().name().equals(run) && c.problem().isEmpty())
        .sorted(Comparator.comparingLong(known -> known.checkpoint().step()))
        .toList();
  }

  /**
   * Of two checkpoints of one run, whose filters have one order: the convolutions in a plane or a
   * volume that both have with the same shape, in the order of the file. Of volumes the middle
   * slice is shown. Layers of unknown kind are taken for convolutions that are not transposed.
   *
   * @param run what the run is called
   * @param most how many layers at most, evenly chosen
   */
  public static List<StudyReport.Picture> beforeAndAfter(
      String run, Weights before, Weights after, int most) {
    return pictures(
        run,
        new Snapshot(before.name(), before),
        new Snapshot(after.name(), after),
        most,
        NOTHING_ELSE);
  }

  private record Snapshot(String name, Weights weights) {}

  private static List<StudyReport.Picture> pictures(
      String run, Snapshot before, Snapshot after, int most, OfLayer other) {
    List<WeightTensor> layers =
        before.weights().tensors().stream()
            .filter(FilterPictures::isConvolution)
            .filter(tensor -> partner(tensor, after.weights()).isPresent())
            .toList();
    List<StudyReport.Picture> pictures = new ArrayList<>();
    for (WeightTensor layer : Thinning.evenly(layers, most)) {
      pictures.add(picture(run, layer, before, after));
      other.draw(run, layer.layer(), before.weights(), after.weights()).ifPresent(pictures::add);
    }
    return pictures;
  }

  private static boolean isConvolution(WeightTensor tensor) {
    int rank = tensor.values().rank();
    boolean kernels =
        switch (tensor.layerKind()) {
          case CONVOLUTION, TRANSPOSED_CONVOLUTION, UNKNOWN -> true;
          case LINEAR, NORMALISATION, OTHER -> false;
        };
    return kernels && (rank == 4 || rank == 5);
  }

  private static Optional<WeightTensor> partner(WeightTensor tensor, Weights other) {
    return other.find(tensor.name()).filter(found -> found.values().equalShapes(tensor.values()));
  }

  private static StudyReport.Picture picture(
      String run, WeightTensor layer, Snapshot before, Snapshot after) {
    String name = layer.layer().isEmpty() ? layer.name() : layer.layer();
    String title = "Filters of " + name + " at the first and the last checkpoint";
    FilterMosaic mosaic =
        FilterMosaic.of(title)
            .withDetail("run " + run)
            .withDetail("filters in the order of the file");
    if (layer.values().rank() == 5) {
      mosaic = mosaic.withDetail("middle slice of each kernel");
    }
    WeightTensor later = partner(layer, after.weights()).orElseThrow();
    return new StudyReport.Picture(
        "filters_" + run + "_" + name,
        title + ", run " + run,
        mosaic
            .withFilters("first: " + before.name(), kernels(layer))
            .withFilters("last: " + after.name(), kernels(later))
            .draw());
  }

  private static double[][][][] kernels(WeightTensor tensor) {
    INDArray values = tensor.values();
    INDArray filtersFirst =
        tensor.layerKind() == LayerKind.TRANSPOSED_CONVOLUTION ? values.swapAxes(0, 1) : values;
    double[] weights = new double[Math.toIntExact(filtersFirst.length())];
    TensorReader.of(filtersFirst).read(0, weights);
    return FilterMosaic.kernels(weights, filtersFirst.shape());
  }
}
