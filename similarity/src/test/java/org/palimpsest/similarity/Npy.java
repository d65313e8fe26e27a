package org.palimpsest.similarity;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads the golden matrices: NPY version 1, little-endian float32 or float64, C order. */
final class Npy {

  private static final int PREAMBLE = 8;
  private static final Pattern HEADER =
      Pattern.compile("'<f([48])'.*'fortran_order': False.*\\((\\d+), (\\d+)\\)");

  private Npy() {}

  static INDArray golden(String name) {
    try (InputStream file = Npy.class.getResourceAsStream("/golden/" + name + ".npy");
        DataInputStream in = new DataInputStream(file)) {
      in.skipNBytes(PREAMBLE);
      int length = Short.reverseBytes(in.readShort());
      String header = new String(in.readNBytes(length), StandardCharsets.US_ASCII);
      Matcher shape = HEADER.matcher(header);
      if (!shape.find()) {
        throw new IllegalArgumentException(name + ": " + header);
      }
      int rows = Integer.parseInt(shape.group(2));
      int columns = Integer.parseInt(shape.group(3));
      ByteBuffer bytes = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      if (shape.group(1).equals("4")) {
        float[] values = new float[rows * columns];
        bytes.asFloatBuffer().get(values);
        return Nd4j.createFromArray(values).reshape('c', rows, columns);
      }
      double[] values = new double[rows * columns];
      bytes.asDoubleBuffer().get(values);
      return Nd4j.createFromArray(values).reshape('c', rows, columns);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
