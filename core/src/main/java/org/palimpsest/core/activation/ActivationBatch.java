package org.palimpsest.core.activation;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.ActivationSource.CapturedBatch;

/**
 * The outputs of the selected layers for a few successive probes.
 *
 * <p>All tensors have the same number of samples; a layer has the same shape in each batch but for
 * that. The tensors lie outside Java's heap: a receiver that is done with them {@linkplain #free
 * frees} them, or leaves them to the garbage collector, which may come late.
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
 * @param layers per layer, in the order in which they ran, a tensor with samples first; the tensors
 *     belong to the receiver
 */
public record ActivationBatch(long firstSample, Map<String, INDArray> layers)
    implements CapturedBatch {

  public ActivationBatch {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
  }

  @Override
  public Collection<INDArray> tensors() {
    return layers.values();
  }
}
