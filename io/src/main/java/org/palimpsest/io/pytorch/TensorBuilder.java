package org.palimpsest.io.pytorch;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.io.binary.Allocation;
import org.palimpsest.io.binary.Shapes;

/** Copies a view out of its storage, whatever its strides. */
final class TensorBuilder {

  private static final int BLOCK = 1 << 14;

  private TensorBuilder() {}

  /**
   * The tensor in C order.
   *
   * @param storage its storage's numbers, as a vector; the view lies within it
   */
  static INDArray build(TensorRef view, INDArray storage, String source) {
    TensorReader reader = TensorReader.of(storage);
    TensorWriter writer = Allocation.tensor(source, reader.type(), view.elements());
    long start = view.offset() + view.storage().viewOffset();
    if (view.isContiguous()) {
      copyRun(reader, start, writer, 0, view.elements());
    } else {
      copyStrided(view, reader, start, writer);
    }
    INDArray tensor = writer.tensor().reshape('c', Shapes.array(view.shape()));
    return view.negated() ? tensor.negi() : tensor;
  }

  private static void copyRun(TensorReader from, long start, TensorWriter to, long at, long count) {
    for (long done = 0; done < count; done += BLOCK) {
      double[] values = new double[(int) Math.min(BLOCK, count - done)];
      from.read(start + done, values);
      to.write(at + done, values, values.length);
    }
  }

  private static void copyStrided(TensorRef view, TensorReader from, long start, TensorWriter to) {
    long[] shape = Shapes.array(view.shape());
    long[] strides = Shapes.array(view.strides());
    long[] index = new long[shape.length];
    double[] one = new double[1];
    double[] block = new double[BLOCK];
    long position = start;
    for (long done = 0; done < view.elements(); done++) {
      from.read(position, one);
      int within = (int) (done % BLOCK);
      block[within] = one[0];
      if (within == BLOCK - 1 || done == view.elements() - 1) {
        to.write(done - within, block, within + 1);
      }
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        position += strides[axis];
        if (++index[axis] < shape[axis]) {
          break;
        }
        position -= strides[axis] * shape[axis];
        index[axis] = 0;
      }
    }
  }
}
