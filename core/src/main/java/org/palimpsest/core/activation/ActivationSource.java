package org.palimpsest.core.activation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;

/**
 * A network that can be shown probes and gives the outputs of its layers. Importers make them:
 * {@code Inputs} of the module {@code io} opens files; networks that are in memory are wrapped by
 * the classes of their tool.
 *
 * <p>It runs in evaluation mode and gives copies: later layers that work in place do not change
 * what was captured. It holds native memory, or a process of its own, until it is closed.
 */
public interface ActivationSource extends AutoCloseable {

  /** What to call it in a table or a picture, such as the name of its file. */
  String name();

  /** Where the network came from. */
  Provenance provenance();

  /**
   * Shows the network the probes, batch by batch, in order.
   *
   * @param probes what it is shown
   * @param layers which layers are wanted
   * @param progress hears of each probe done
   * @param receiver gets each batch's activations; memory does not grow with the number of probes
   *     unless the receiver keeps them
   * @throws org.palimpsest.core.PalimpsestException if a layer is unknown, or the network cannot
   *     take these probes
   */
  void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver);

  /**
   * Shows the network all probes and keeps the outputs in memory: for float32, four bytes for each
   * value of each layer for each probe.
   *
   * @param probes what it is shown
   * @param layers which layers are wanted
   * @param progress hears of each probe done
   * @return the layers in the order in which they ran, with the fingerprint of the probes
   * @throws org.palimpsest.core.PalimpsestException as {@link #run}, or if a layer's first axis is
   *     not that of the samples, or its shape changes from batch to batch
   */
  default ActivationSet capture(Probes probes, LayerSelector layers, Progress progress) {
    ActivationSets.Collector collector = new ActivationSets.Collector(probes);
    run(probes, layers, progress, collector);
    return collector.collect(provenance(), name());
  }

  /** Shows the network all probes and keeps the outputs of the selected layers in memory. */
  default ActivationSet capture(Probes probes, LayerSelector layers) {
    return capture(probes, layers, Progress.silent());
  }

  /** Shows the network all probes and keeps the outputs of all its layers in memory. */
  default ActivationSet capture(Probes probes) {
    return capture(probes, LayerSelector.all());
  }

  @Override
  void close();

  /**
   * What was captured of a few successive probes: {@linkplain ActivationBatch whole activations},
   * or {@linkplain org.palimpsest.core.representation.LayerMatrices.MatrixBatch matrices} made of
   * them. The tensors belong to the receiver.
   */
  interface CapturedBatch {

    /** The index of the first of these probes. */
    long firstSample();

    /** All its tensors, in no particular order. */
    Collection<INDArray> tensors();

    /**
     * Frees the tensors' memory at once, rather than when the garbage collector finds them. For the
     * receiver, when it has done with them.
     */
    default void free() {
      for (INDArray tensor : tensors()) {
        if (tensor.closeable()) {
          tensor.close();
        }
      }
    }
  }

  /**
   * The outputs of the selected layers for a few successive probes.
   *
   * <p>All tensors have the same number of samples; a layer has the same shape in each batch but
   * for that. The tensors lie outside Java's heap: a receiver that is done with them {@linkplain
   * #free frees} them, or leaves them to the garbage collector, which may come late.
   *
   * <pre>{@code
   * network.run(
   *     probes,
   *     LayerSelector.of("enc1"),
   *     Progress.silent(),
   *     batch -> {
   *       INDArray values = batch.layers().get("enc1"); // (probes of this batch, c, h, w)
   *       System.out.println(batch.firstSample() + " " + values.meanNumber());
   *       batch.free();
   *     });
   * }</pre>
   *
   * @param firstSample the index of the first of these probes
   * @param layers per layer, in the order in which they ran, a tensor with samples first; the
   *     tensors belong to the receiver
   */
  record ActivationBatch(long firstSample, Map<String, INDArray> layers) implements CapturedBatch {

    public ActivationBatch {
      layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    @Override
    public Collection<INDArray> tensors() {
      return layers.values();
    }
  }
}
