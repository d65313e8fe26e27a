package org.palimpsest.io.internal.capture;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.internal.tensor.SteadyShapes;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;

/**
 * A pass through a network that tells of each layer as it runs.
 *
 * @param network what to call the network in messages
 * @param layers which are wanted
 * @param run shows the network a batch; whatever it throws becomes one exception that names the
 *     network and the shape of the probes
 */
public record RecordedPass(String network, LayerSelector layers, Run run) {

  /** Runs the network once, in evaluation mode. */
  @FunctionalInterface
  public interface Run {

    /**
     * @param batch probes, samples first
     * @param recorder is told of each layer that has run
     */
    void show(INDArray batch, LayerRecorder recorder);
  }

  /** Captures whole activations. */
  public ForwardPass<ActivationBatch> activations() {
    return (batch, firstProbe) -> {
      Map<String, INDArray> captured = new LinkedHashMap<>();
      show(batch, firstProbe, captured::put);
      return new ActivationBatch(firstProbe, captured);
    };
  }

  /** Makes of each layer, as soon as it has run, the matrices that are requested. */
  public ForwardPass<MatrixBatch> matrices(MatrixRequest request) {
    SteadyShapes shapes = new SteadyShapes();
    return (batch, firstProbe) -> {
      MatrixBatches reduced = new MatrixBatches(request, shapes, firstProbe);
      show(batch, firstProbe, reduced::reduce);
      return reduced.batch(batch.size(0));
    };
  }

  /** Shows the network the fewest probes that it takes, to see which shapes its layers have. */
  public Map<String, long[]> shapes(BatchedRun batches, Probes probes) {
    INDArray few = probes.batch(0, batches.least());
    return batches.whereMemoryLasts(few.shape(), () -> shapes(few, probes.count()));
  }

  private Map<String, long[]> shapes(INDArray few, long count) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    show(
        few,
        0,
        (layer, values) -> {
          long[] shape = values.shape().clone();
          shape[0] = count;
          shapes.put(layer, shape.length == 1 ? new long[] {shape[0], 1} : shape);
          if (values.closeable()) {
            values.close();
          }
        });
    return shapes;
  }

  private void show(INDArray batch, long firstProbe, BiConsumer<String, INDArray> receiver) {
    LayerRecorder recorder = new LayerRecorder(layers, receiver);
    try {
      run.show(batch, recorder);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException failure) {
      throw new PalimpsestException(
          "'%s' cannot take probes of the shape %s%s: %s"
              .formatted(
                  network, Arrays.toString(batch.shape()), after(recorder), reasonOf(failure)),
          failure);
    }
    if (firstProbe == 0) {
      layers.requireEachGlobMatches(recorder.seen());
    }
  }

  private static String after(LayerRecorder recorder) {
    int ran = recorder.seen().size();
    return ran == 0 ? "" : ", which came as far as layer '" + recorder.seen().get(ran - 1) + "'";
  }

  private static String reasonOf(Throwable failure) {
    Throwable reason = failure;
    while (reason.getMessage() == null && reason.getCause() != null) {
      reason = reason.getCause();
    }
    String message = Objects.requireNonNullElse(reason.getMessage(), reason.toString());
    return message.lines().filter(line -> !line.isBlank()).findFirst().orElse(reason.toString());
  }
}
