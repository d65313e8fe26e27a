package org.palimpsest.io.volume;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;

/** Writes NIfTI-1 volumes of float32 whose axes go right, front and up. */
public final class SmallNifti {

  private static final int HEADER = 352;

  private SmallNifti() {}

  /**
   * @param extents of x, y, z and perhaps more
   * @param values x varying fastest
   */
  public static Path write(Path file, int[] extents, double[] spacing, float[] values)
      throws IOException {
    double[] rows = new double[12];
    for (int axis = 0; axis < 3; axis++) {
      rows[5 * axis] = spacing[axis];
    }
    return write(file, extents, spacing, rows, values);
  }

  public static Path write(
      Path file, int[] extents, double[] spacing, double[] rows, float[] values)
      throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(HEADER + Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(0, 348).putShort(40, (short) extents.length);
    for (int axis = 0; axis < extents.length; axis++) {
      bytes.putShort(42 + 2 * axis, (short) extents[axis]);
    }
    bytes.putShort(70, (short) 16).putShort(72, (short) 32);
    bytes.putFloat(76, 1).putFloat(108, HEADER).put(123, (byte) 2).putShort(254, (short) 1);
    for (int axis = 0; axis < 3; axis++) {
      bytes.putFloat(80 + 4 * axis, (float) spacing[axis]);
    }
    for (int i = 0; i < rows.length; i++) {
      bytes.putFloat(280 + 4 * i, (float) rows[i]);
    }
    bytes.position(344);
    bytes.put("n+1\0".getBytes(StandardCharsets.US_ASCII));
    bytes.position(HEADER);
    bytes.asFloatBuffer().put(values);
    try (OutputStream out =
        file.toString().endsWith(".gz")
            ? new GZIPOutputStream(Files.newOutputStream(file))
            : Files.newOutputStream(file)) {
      out.write(bytes.array());
    }
    return file;
  }

  /** The values of a tensor, as float64. */
  public static double[] values(INDArray tensor) {
    double[] values = new double[(int) tensor.length()];
    TensorReader.of(tensor).read(0, values);
    return values;
  }
}
