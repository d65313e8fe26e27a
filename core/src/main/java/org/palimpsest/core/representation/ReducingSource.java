package org.palimpsest.core.representation;

import java.util.Map;
import java.util.function.Consumer;
import org.palimpsest.core.activation.ActivationSource;
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
}
