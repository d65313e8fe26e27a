package org.palimpsest.core.activation;

import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/** A network of a test: it has a name and nothing to close, and gives what the test says. */
public abstract class FakeNetwork implements ActivationSource {

  private final String name;

  protected FakeNetwork(String name) {
    this.name = name;
  }

  /** Gives these batches, whatever it is shown and asked for. */
  public static FakeNetwork giving(ActivationBatch... batches) {
    return new FakeNetwork("recorded") {
      @Override
      public void run(
          Probes probes,
          LayerSelector layers,
          Progress progress,
          Consumer<ActivationBatch> receiver) {
        for (ActivationBatch batch : batches) {
          receiver.accept(batch);
        }
      }
    };
  }

  /**
   * Is shown two probes at a time, and gives the outputs of all layers.
   *
   * @param outputs of the first probe's number and the probes
   */
  public static FakeNetwork computing(BiFunction<Long, INDArray, Map<String, INDArray>> outputs) {
    return new FakeNetwork("computing") {
      @Override
      public void run(
          Probes probes,
          LayerSelector layers,
          Progress progress,
          Consumer<ActivationBatch> receiver) {
        for (long from = 0; from < probes.count(); from += 2) {
          INDArray batch = probes.batch(from, Math.min(from + 2, probes.count()));
          receiver.accept(new ActivationBatch(from, outputs.apply(from, batch)));
        }
      }
    };
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return Provenance.inMemory(name);
  }

  @Override
  public final void close() {}
}
