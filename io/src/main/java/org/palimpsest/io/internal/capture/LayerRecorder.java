package org.palimpsest.io.internal.capture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.LayerSelector;

/**
 * Is told what the layers answer during one forward pass.
 *
 * <p>A layer that runs a second time is called {@code relu#2}. What is not selected is not copied.
 */
public final class LayerRecorder {

  private final LayerSelector layers;
  private final BiConsumer<String, INDArray> receiver;
  private final RunNames runs = new RunNames();
  private final List<String> seen = new ArrayList<>();

  /**
   * @param receiver gets the copy of each selected layer, and owns it
   */
  LayerRecorder(LayerSelector layers, BiConsumer<String, INDArray> receiver) {
    this.layers = layers;
    this.receiver = receiver;
  }

  /**
   * A layer has run.
   *
   * @param path its path, without a number
   * @param copy makes a copy of what it answered, samples first; called at once, and only if the
   *     layer is selected
   */
  public void record(String path, Supplier<INDArray> copy) {
    String name = runs.next(path);
    seen.add(name);
    if (layers.selects(name)) {
      receiver.accept(name, atLeastOneAxis(copy.get()));
    }
  }

  private static INDArray atLeastOneAxis(INDArray values) {
    return values.rank() == 0 ? values.reshape(1) : values;
  }

  /** Whether a layer of this name will be asked for. */
  public boolean selects(String layer) {
    return layers.selects(layer);
  }

  /** Every layer that ran, selected or not, in order. */
  public List<String> seen() {
    return List.copyOf(seen);
  }
}
