package org.palimpsest.io.internal.binary;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;

/**
 * A tensor as a view of a run of numbers.
 *
 * @param offset which number is its first
 * @param shape its shape
 * @param strides how far apart neighbours along each axis are
 */
public record StridedView(long offset, List<Long> shape, List<Long> strides) {

  private static final int BLOCK = 1 << 14;

  public StridedView {
    shape = List.copyOf(shape);
    strides = List.copyOf(strides);
  }

  /** Whether its elements follow one another in C order. */
  public boolean isContiguous() {
    long expected = 1;
    for (int axis = shape.size() - 1; axis >= 0; axis--) {
      if (shape.get(axis) != 1 && strides.get(axis) != expected) {
        return false;
      }
      expected *= shape.get(axis);
    }
    return true;
  }

  /**
   * A copy in C order.
   *
   * @param numbers a vector, within which the view lies
   * @param source what to call it in messages
   */
  public INDArray copyOf(INDArray numbers, String source) {
    long elements = Shapes.elements(shape, source);
    TensorReader reader = TensorReader.of(numbers);
    TensorWriter writer = Allocation.tensor(source, reader.type(), elements);
    if (isContiguous()) {
      copyRun(reader, writer, elements);
    } else {
      copyStrided(reader, writer, elements);
    }
    return writer.tensor().reshape('c', Shapes.array(shape));
  }

  private void copyRun(TensorReader from, TensorWriter to, long elements) {
    int room = (int) Math.min(BLOCK, elements);
    boolean single = from.type() == DataType.FLOAT; // most are, and a detour by float64 costs
    float[] floats = new float[single ? room : 0];
    double[] doubles = new double[single ? 0 : room];
    for (long done = 0; done < elements; done += room) {
      int some = (int) Math.min(room, elements - done);
      if (single) {
        from.read(offset + done, floats, some);
        to.write(done, floats, some);
      } else {
        from.read(offset + done, doubles, some);
        to.write(done, doubles, some);
      }
    }
  }

  private void copyStrided(TensorReader from, TensorWriter to, long elements) {
    long[] extents = Shapes.array(shape);
    long[] steps = Shapes.array(strides);
    long[] index = new long[extents.length];
    double[] one = new double[1];
    double[] block = new double[(int) Math.min(BLOCK, elements)];
    long position = offset;
    for (long done = 0; done < elements; done++) {
      from.read(position, one);
      int within = (int) (done % BLOCK);
      block[within] = one[0];
      if (within == BLOCK - 1 || done == elements - 1) {
        to.write(done - within, block, within + 1);
      }
      for (int axis = extents.length - 1; axis >= 0; axis--) {
        position += steps[axis];
        if (++index[axis] < extents[axis]) {
          break;
        }
        position -= steps[axis] * extents[axis];
        index[axis] = 0;
      }
    }
  }
}
