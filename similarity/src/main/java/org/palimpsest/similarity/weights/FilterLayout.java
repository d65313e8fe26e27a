package org.palimpsest.similarity.weights;

import java.util.List;
import org.palimpsest.core.weights.LayerKind;

/**
 * What the axes of one layer's weights mean. With m filters of d weights each, the layer is an m ×
 * d matrix, of which {@link FilterBank} holds the values.
 *
 * <p>A convolution of 8 filters over 3 channels with kernels of 3 × 3 has {@code filters = 8},
 * {@code inputChannels = 3}, {@code kernel = [3, 3]} and d = 27. In four groups over 12 channels it
 * would have the same numbers, since a filter reads the channels of its group alone.
 *
 * @param layer the path of the module that owns the weights, such as {@code enc1.conv1}; the
 *     tensor's full name where its own name is not {@code weight}
 * @param tensor the tensor's full name, such as {@code enc1.conv1.weight}
 * @param kind convolution, transposed convolution or linear
 * @param filters the number of output channels (of a linear layer: of outputs)
 * @param inputChannels how many input channels one filter reads, so {@code in / groups}
 * @param kernel the extents of the kernel, empty for a linear layer
 * @param groups the number of groups of a transposed convolution; 1 for every other kind, whose
 *     axes read the same whatever the groups
 * @param notes what was inferred and not told by the file, in whole sentences
 */
public record FilterLayout(
    String layer,
    String tensor,
    LayerKind kind,
    int filters,
    int inputChannels,
    List<Integer> kernel,
    int groups,
    List<String> notes) {

  public FilterLayout {
    kernel = List.copyOf(kernel);
    notes = List.copyOf(notes);
  }

  /** The number of positions of the kernel; 1 for a linear layer. */
  public int kernelSize() {
    return kernel.stream().reduce(1, Math::multiplyExact);
  }

  /** d, the number of columns of the filter matrix. */
  public int weightsPerFilter() {
    return Math.multiplyExact(inputChannels, kernelSize());
  }

  /** The number of weights of the layer, bias not counted. */
  public long weights() {
    return (long) filters * weightsPerFilter();
  }

  /**
   * The fan-in that PyTorch's initialisers use: the second axis of the tensor times the kernel's
   * size. For a transposed convolution that axis is the output channels, so this is what the
   * weights were scaled by although it is not what a unit sums over.
   */
  public int pytorchFanIn() {
    return kind == LayerKind.TRANSPOSED_CONVOLUTION
        ? Math.multiplyExact(filters / groups, kernelSize())
        : weightsPerFilter();
  }
}
