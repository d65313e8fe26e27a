package org.palimpsest.core.weights;

import java.util.function.DoubleConsumer;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;

/**
 * One named tensor of a network's file: a weight, a bias, or a buffer such as a running mean.
 *
 * <p>Values are those of the file, converted to a floating type; quantised or packed forms are
 * unpacked by the reader that made it. The tensor is not copied and must not be changed.
 *
 * @param name its full name, such as {@code enc1.0.weight}
 * @param values float32 for floating types up to 32 bits, else float64; axes as in the file
 * @param dtype its type in the file, such as {@code float16}
 * @param layerKind what its layer is
 */
public record WeightTensor(String name, INDArray values, String dtype, LayerKind layerKind) {

  private static final int BLOCK = 1 << 13;
  private static final Pattern INTEGERS = Pattern.compile("(?i)u?int\\d+|bool(ean)?");

  /** The path of the module that owns it: its name up to the last dot. */
  public String layer() {
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "" : name.substring(0, dot);
  }

  /** Its name within its module, such as {@code weight}. */
  public String role() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /**
   * Whether its file stores integers or truth values as they are, such as a quantised weight whose
   * scale lies elsewhere: they are not in the unit of a weight that is stored in floating numbers.
   */
  public boolean isOfIntegers() {
    return INTEGERS.matcher(dtype).matches();
  }

  /**
   * Hands over its numbers one by one, in the order of its axes, the last one fastest. Takes no
   * memory that grows with the tensor.
   */
  public void forEach(DoubleConsumer receiver) {
    TensorReader reader = TensorReader.of(values);
    for (long from = 0; from < values.length(); from += BLOCK) {
      double[] block = new double[(int) Math.min(BLOCK, values.length() - from)];
      reader.read(from, block);
      for (double value : block) {
        receiver.accept(value);
      }
    }
  }

  /**
   * What kind of layer a weight tensor belongs to, which decides what its axes mean: filters of a
   * convolution lie along its first axis, those of a transposed one along its second. A state dict
   * of PyTorch tells neither; comparisons of filters then go by shapes and names, and say so.
   */
  public enum LayerKind {
    /** Axes {@code (out, in, space…)}. */
    CONVOLUTION,
    /** Axes {@code (in, out, space…)}. */
    TRANSPOSED_CONVOLUTION,
    /** Axes {@code (out, in)}. */
    LINEAR,
    /** Scales, shifts and running statistics of batch, instance, group or layer normalisation. */
    NORMALISATION,
    /** The file tells the kind, and it is none of the others. */
    OTHER,
    /** The file does not tell: a state dict holds names and shapes alone. */
    UNKNOWN
  }
}
