package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Matrices as two bytes a figure, which is a quarter of what JSON takes: 0 is the least of all
 * figures, 65534 the greatest, 65535 none. The low byte comes first.
 *
 * @param low the least figure
 * @param high the greatest
 */
record Packed(double low, double high) {

  private static final int GREATEST = 65534;
  private static final int NONE = 65535;

  /** For figures between the least and the greatest of these. */
  static Packed spanning(List<double[][]> matrices) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double[][] matrix : matrices) {
      for (double[] row : matrix) {
        for (double value : row) {
          if (Double.isFinite(value)) {
            low = Math.min(low, value);
            high = Math.max(high, value);
          }
        }
      }
    }
    return low <= high ? new Packed(low, high) : new Packed(0, 0);
  }

  void writeRange(JsonGenerator json) throws IOException {
    json.writeNumberField("low", low);
    json.writeNumberField("high", high);
  }

  /** The matrices one after the other, row by row. */
  String text(List<double[][]> matrices) {
    int count =
        matrices.stream().mapToInt(m -> Arrays.stream(m).mapToInt(r -> r.length).sum()).sum();
    byte[] bytes = new byte[2 * count];
    int at = 0;
    for (double[][] matrix : matrices) {
      for (double[] row : matrix) {
        for (double value : row) {
          int code = code(value);
          bytes[at++] = (byte) code;
          bytes[at++] = (byte) (code >> 8);
        }
      }
    }
    return Base64.getEncoder().encodeToString(bytes);
  }

  private int code(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    double share = (value / 2 - low / 2) / (high / 2 - low / 2); // a span may overflow
    return high > low ? (int) Math.round(share * GREATEST) : 0;
  }
}
