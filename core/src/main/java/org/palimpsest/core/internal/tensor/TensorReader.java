package org.palimpsest.core.internal.tensor;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/**
 * Reads a tensor's elements in C order, whatever its own order, strides or type.
 *
 * <p>Floating types narrower than float64 are read as float32, everything else as float64. Tensors
 * larger than 2 GB are read as well, since elements are addressed by long indices.
 */
public final class TensorReader {

  private static final int BLOCK = 1 << 13;

  private final INDArray tensor;
  private final RawElements elements;
  private final boolean single;

  private TensorReader(INDArray tensor) {
    this.tensor = tensor;
    this.elements = new RawElements(tensor);
    this.single = tensor.dataType() == DataType.FLOAT;
  }

  /** Reads a tensor of any number type, in C order. */
  public static TensorReader of(INDArray tensor) {
    DataType type = readableType(tensor.dataType());
    INDArray typed = tensor.dataType() == type ? tensor : tensor.castTo(type);
    return new TensorReader(liesInOrder(typed) ? typed : typed.dup('c'));
  }

  /**
   * Whether the elements lie one after the other in C order from the beginning of the tensor's
   * buffer. A tensor of another shape than its buffer, which ND4J calls a view, may well do so.
   */
  public static boolean liesInOrder(INDArray tensor) {
    return tensor.ordering() == 'c'
        && tensor.offset() == 0
        && Shape.hasDefaultStridesForShape(tensor);
  }

  /** The type in which this library keeps values of the given type: float32 or float64. */
  public static DataType readableType(DataType type) {
    return switch (type) {
      case FLOAT, HALF, BFLOAT16 -> DataType.FLOAT;
      default -> DataType.DOUBLE;
    };
  }

  /** Float32 or float64. */
  public DataType type() {
    return tensor.dataType();
  }

  /**
   * Copies {@code target.length} elements, from the {@code from}-th in C order, into an array.
   *
   * @param from index of the first element
   * @param target where they go
   */
  public void read(long from, double[] target) {
    read(from, target, target.length);
  }

  /** The same for the first {@code length} places of the array. */
  public void read(long from, double[] target, int length) {
    if (!single) {
      elements.get(from, target, 0, length);
      return;
    }
    float[] block = new float[Math.min(length, BLOCK)];
    for (int done = 0; done < length; done += block.length) {
      int count = Math.min(block.length, length - done);
      elements.get(from + done, block, 0, count);
      for (int i = 0; i < count; i++) {
        target[done + i] = block[i];
      }
    }
  }

  /**
   * The same as float32, which float64 is rounded to.
   *
   * @param from index of the first element
   * @param target where they go
   */
  public void read(long from, float[] target) {
    read(from, target, target.length);
  }

  /** The same for the first {@code length} places of the array. */
  public void read(long from, float[] target, int length) {
    if (single) {
      elements.get(from, target, 0, length);
      return;
    }
    double[] block = new double[Math.min(length, BLOCK)];
    for (int done = 0; done < length; done += block.length) {
      int count = Math.min(block.length, length - done);
      elements.get(from + done, block, 0, count);
      for (int i = 0; i < count; i++) {
        target[done + i] = (float) block[i];
      }
    }
  }

  /**
   * Adds {@code sums.length} elements, from the {@code from}-th in C order, to those of an array.
   */
  public void addTo(long from, double[] sums) {
    float[] floats = new float[single ? Math.min(sums.length, BLOCK) : 0];
    double[] doubles = new double[single ? 0 : Math.min(sums.length, BLOCK)];
    for (int done = 0; done < sums.length; done += BLOCK) {
      int count = Math.min(BLOCK, sums.length - done);
      if (single) {
        elements.get(from + done, floats, 0, count);
        for (int i = 0; i < count; i++) {
          sums[done + i] += floats[i];
        }
      } else {
        elements.get(from + done, doubles, 0, count);
        for (int i = 0; i < count; i++) {
          sums[done + i] += doubles[i];
        }
      }
    }
  }
}
