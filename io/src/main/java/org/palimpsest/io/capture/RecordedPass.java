package org.palimpsest.io.capture;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.LayerSelector;

/**
 * A pass through a network that tells of each layer as it runs.
 *
 * @param network what to call the network in messages
 * @param layers which are wanted
 * @param run shows the network a batch; whatever it throws becomes one exception that names the
 *     network and the shape of the probes
 */
public record RecordedPass(String network, LayerSelector layers, Run run) implements ForwardPass {

  /** Runs the network once, in evaluation mode. */
  @FunctionalInterface
  public interface Run {

    /**
     * @param batch probes, samples first
     * @param recorder is told of each layer that has run
     */
    void show(INDArray batch, LayerRecorder recorder);
  }

  @Override
  public Map<String, INDArray> run(INDArray batch, long firstProbe) {
    LayerRecorder recorder = new LayerRecorder(layers);
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
    return recorder.captured();
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
