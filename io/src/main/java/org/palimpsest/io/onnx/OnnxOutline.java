package org.palimpsest.io.onnx;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.io.network.LayerOutline;

/**
 * What an ONNX file says of its network. ONNX Runtime is not needed.
 *
 * @param producer the tool that wrote it, with its version, or empty
 * @param inputs its inputs with their types and shapes, {@code image (float32 [batch, 1, 64, 64])}
 * @param layers the values that follow from them, in the order in which they are computed; those
 *     that turn out to be whole numbers, or not to have a row for each probe, cannot be captured
 */
public record OnnxOutline(String producer, List<String> inputs, List<LayerOutline> layers) {

  public OnnxOutline {
    inputs = List.copyOf(inputs);
    layers = List.copyOf(layers);
  }

  /**
   * @throws org.palimpsest.core.PalimpsestException if the file is no ONNX model, is damaged, or
   *     names files outside of its folder
   */
  public static OnnxOutline read(Path file) {
    OnnxGraph graph = OnnxModel.read(file).graph();
    return new OnnxOutline(
        graph.producer(),
        graph.inputs().stream().map(OnnxInput::toString).toList(),
        graph.layers());
  }
}
