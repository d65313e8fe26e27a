package org.palimpsest.io.capture;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/**
 * Shows a network all probes, a few at a time, and hands on what its layers answer.
 *
 * @param network what to call the network in messages
 * @param batchSize how many probes at once, at least 1
 */
public record BatchedRun(String network, int batchSize) {

  public BatchedRun {
    if (batchSize < 1) {
      throw new PalimpsestException(
          "A batch of " + batchSize + " probes cannot be shown: 1 is the least.");
    }
  }

  /**
   * Runs all batches in order.
   *
   * @param pass one forward pass; whatever it throws becomes one exception that names the network
   *     and the shape of the probes
   * @throws PalimpsestException if no layer matches a selector's glob, or a pass fails
   */
  public void run(
      ForwardPass pass,
      Probes probes,
      LayerSelector layers,
      Progress progress,
      Consumer<ActivationBatch> receiver) {
    try (Progress.Task task = progress.begin("Capture " + network, probes.count())) {
      for (long from = 0; from < probes.count(); from += batchSize) {
        long to = Math.min(from + batchSize, probes.count());
        LayerRecorder recorder = new LayerRecorder(layers);
        forward(pass, probes.batch(from, to), recorder);
        if (from == 0) {
          layers.requireEachGlobMatches(recorder.seen());
        }
        receiver.accept(new ActivationBatch(from, recorder.captured()));
        task.advance(to - from);
      }
    }
  }

  private void forward(ForwardPass pass, INDArray batch, LayerRecorder recorder) {
    try {
      pass.run(batch, recorder);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException failure) {
      throw new PalimpsestException(
          "'%s' cannot take probes of the shape %s%s: %s"
              .formatted(
                  network, Arrays.toString(batch.shape()), after(recorder), reasonOf(failure)),
          failure);
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
