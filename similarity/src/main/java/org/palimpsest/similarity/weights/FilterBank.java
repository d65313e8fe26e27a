package org.palimpsest.similarity.weights;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/**
 * The filters of one layer as a matrix, one row per filter (output channel), every value finite.
 *
 * <p>Within a row the input channels come first, then the kernel's positions in C order: the weight
 * of input channel {@code c} at position {@code k} is column {@code c * kernelSize + k}.
 *
 * <p>Grouped convolutions have the input channels of their group alone. Transposed convolutions,
 * whose files hold input channels first, are brought into this order, so that a row is a filter
 * whatever the layer.
 *
 * <pre>{@code
 * FilterBank bank = FilterBank.of("enc1", LayerKind.CONVOLUTION, weights); // (8, 3, 3, 3)
 * double[] first = bank.filter(0); // 27 weights
 * }</pre>
 *
 * <p>Immutable; 8 m d bytes.
 */
public final class FilterBank {

  private final Layout layout;
  private final double[] values;

  private FilterBank(Layout layout, double[] values) {
    this.layout = layout;
    this.values = values;
    requireFinite();
  }

  /**
   * The filters of a layer of known kind.
   *
   * @param layer what to call it
   * @param kind convolution {@code (out, in, space…)}, transposed convolution {@code (in, out,
   *     space…)} without groups, or linear {@code (out, in)}
   * @param weights its weights
   * @throws PalimpsestException if the shape does not fit the kind or a value is not finite
   */
  public static FilterBank of(String layer, LayerKind kind, INDArray weights) {
    return read(
        FilterAxes.layout(layer, layer, kind, weights.shape(), OptionalLong.empty()), weights);
  }

  /**
   * Filters that are already rows.
   *
   * @param layer what to call it
   * @param filters the number of rows, at least 1
   * @param kernel the extents of the kernel; empty for a linear layer
   * @param values row-major, {@code filters × (input channels × kernel)}; copied
   * @throws PalimpsestException if so many values do not make so many filters, or one is not finite
   */
  public static FilterBank ofRows(
      String layer, int filters, List<Integer> kernel, double... values) {
    long size = filters;
    for (int extent : kernel) {
      size = extent < 1 ? 0 : Math.min(size * extent, Integer.MAX_VALUE);
    }
    if (size < 1 || values.length == 0 || values.length % size != 0) {
      throw new PalimpsestException(
          "Layer '%s': %s values do not make %s filters with a kernel of %s."
              .formatted(layer, values.length, filters, kernel));
    }
    LayerKind kind = kernel.isEmpty() ? LayerKind.LINEAR : LayerKind.CONVOLUTION;
    int channels = Math.toIntExact(values.length / size);
    return new FilterBank(
        new Layout(layer, layer, kind, filters, channels, kernel, 1, List.of()), values.clone());
  }

  static FilterBank read(Layout layout, INDArray weights) {
    double[] stored = new double[Math.toIntExact(weights.length())];
    TensorReader.of(weights).read(0, stored);
    boolean transposed = layout.kind() == LayerKind.TRANSPOSED_CONVOLUTION;
    return new FilterBank(layout, transposed ? outputChannelsFirst(layout, stored) : stored);
  }

  /** From (groups × in, out, space) to (groups × out, in, space). */
  private static double[] outputChannelsFirst(Layout layout, double[] stored) {
    int size = layout.kernelSize();
    int in = layout.inputChannels();
    int out = layout.filters() / layout.groups();
    double[] rows = new double[stored.length];
    for (int group = 0; group < layout.groups(); group++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          int from = ((group * in + i) * out + o) * size;
          int to = ((group * out + o) * in + i) * size;
          System.arraycopy(stored, from, rows, to, size);
        }
      }
    }
    return rows;
  }

  private void requireFinite() {
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        int d = layout.weightsPerFilter();
        throw new PalimpsestException(
            "Layer '%s' holds %s (filter %s, weight %s of %s). Training diverged or the file is damaged: use another checkpoint."
                .formatted(layout.layer(), values[i], i / d, i % d, d));
      }
    }
  }

  /** The layer and the meaning of rows and columns. */
  public Layout layout() {
    return layout;
  }

  /** The layer's name. */
  public String layer() {
    return layout.layer();
  }

  /** m, the number of rows. */
  public int filters() {
    return layout.filters();
  }

  /** d, the number of columns. */
  public int weightsPerFilter() {
    return layout.weightsPerFilter();
  }

  /**
   * One weight: row {@code filter}, column {@code weight}.
   *
   * @param filter from 0 to m − 1
   * @param weight from 0 to d − 1; the input channel times the kernel's size, plus the position in
   *     the kernel
   * @throws PalimpsestException if there is no such filter or weight
   */
  public double get(int filter, int weight) {
    requireFilter(filter);
    if (weight < 0 || weight >= weightsPerFilter()) {
      throw new PalimpsestException(
          "A filter of layer '%s' has weights 0 to %s; asked for was %s."
              .formatted(layer(), weightsPerFilter() - 1, weight));
    }
    return values[filter * weightsPerFilter() + weight];
  }

  private void requireFilter(int filter) {
    if (filter < 0 || filter >= filters()) {
      throw new PalimpsestException(
          "Layer '%s' has filters 0 to %s; asked for was %s."
              .formatted(layer(), filters() - 1, filter));
    }
  }

  /**
   * A copy of one row.
   *
   * @param index which filter, from 0 to m − 1
   * @return its d weights, input channels first
   * @throws PalimpsestException if there is no such filter
   */
  public double[] filter(int index) {
    requireFilter(index);
    int d = weightsPerFilter();
    return Arrays.copyOfRange(values, index * d, (index + 1) * d);
  }

  /** A copy of the whole matrix, row-major. */
  public double[] toArray() {
    return values.clone();
  }

  @Override
  public String toString() {
    return "%s: %s filters × %s weights".formatted(layer(), filters(), weightsPerFilter());
  }

  /**
   * What the axes of one layer's weights mean. With m filters of d weights each, the layer is an m
   * × d matrix, of which {@link FilterBank} holds the values.
   *
   * <p>A convolution of 8 filters over 3 channels with kernels of 3 × 3 has {@code filters = 8},
   * {@code inputChannels = 3}, {@code kernel = [3, 3]} and d = 27. In four groups over 12 channels
   * it would have the same numbers, since a filter reads the channels of its group alone.
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
  public record Layout(
      String layer,
      String tensor,
      LayerKind kind,
      int filters,
      int inputChannels,
      List<Integer> kernel,
      int groups,
      List<String> notes) {

    public Layout {
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
}
