package org.palimpsest.io.internal.nn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.TensorStock;
import org.palimpsest.io.internal.weights.StateDict;

/**
 * The tensors of a state dict as those of a network that computes in float32: half precision is
 * widened and double precision narrowed, as PyTorch does when it loads them.
 */
public final class StateDictStock {

  private StateDictStock() {}

  /**
   * @param dict whose arrays must stay as they are; tensors that share one stay one tensor
   */
  public static TensorStock of(StateDict dict) {
    Map<INDArray, StoredTensor> known = new IdentityHashMap<>();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (WeightTensor tensor : dict.weights().tensors()) {
      tensors.put(
          tensor.name(), known.computeIfAbsent(tensor.values(), v -> stored(tensor.name(), v)));
    }
    return TensorStock.of(dict.provenance().origin(), tensors);
  }

  private static StoredTensor stored(String name, INDArray values) {
    List<Long> shape = new ArrayList<>();
    Arrays.stream(values.shape()).forEach(shape::add);
    return StoredTensor.contiguous(new Floats(name, values), ElementType.FLOAT32, shape);
  }

  private record Floats(String name, INDArray values) implements Storage {

    @Override
    public long bytes() {
      return Float.BYTES * values.length();
    }

    @Override
    public InputStream open() {
      return new FloatStream(TensorReader.of(values), values.length());
    }
  }

  /** Numbers of an array as little-endian float32, some at a time. */
  private static final class FloatStream extends InputStream {

    private static final int BLOCK = 1 << 14;

    private final TensorReader reader;
    private final long length;
    private final ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
    private final float[] values = new float[BLOCK];
    private long next;

    private FloatStream(TensorReader reader, long length) {
      this.reader = reader;
      this.length = length;
      bytes.limit(0);
    }

    @Override
    public int read() throws IOException {
      return fill() ? bytes.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int start, int most) throws IOException {
      if (!fill()) {
        return -1;
      }
      int count = Math.min(most, bytes.remaining());
      bytes.get(target, start, count);
      return count;
    }

    private boolean fill() {
      if (!bytes.hasRemaining() && next < length) {
        int some = (int) Math.min(BLOCK, length - next);
        reader.read(next, values, some);
        bytes.clear().limit(Float.BYTES * some);
        bytes.asFloatBuffer().put(values, 0, some);
        next += some;
      }
      return bytes.hasRemaining();
    }
  }
}
