package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.palimpsest.report.plot.ProbeInterval;

/**
 * How matrices of a page are packed: figures between the least and the greatest of all, and, where
 * there are any, ends of intervals between the least and the greatest of these.
 */
record Packing(Packed ofValues, Optional<Packed> ofEnds) {

  /** For these matrices. */
  static Packing spanning(List<ScoreMatrix> matrices) {
    List<double[][]> values = matrices.stream().map(ScoreMatrix::values).toList();
    List<double[][]> ends =
        matrices.stream()
            .filter(matrix -> !matrix.intervals().isEmpty())
            .flatMap(
                matrix ->
                    List.of(matrix.ends(ProbeInterval::low), matrix.ends(ProbeInterval::high))
                        .stream())
            .toList();
    return new Packing(
        Packed.spanning(values),
        ends.isEmpty() ? Optional.empty() : Optional.of(Packed.spanning(ends)));
  }

  void writeRange(JsonGenerator json) throws IOException {
    ofValues.writeRange(json);
    if (ofEnds.isPresent()) {
      json.writeObjectFieldStart("ends");
      ofEnds.get().writeRange(json);
      json.writeEndObject();
    }
  }

  /** The matrices one after the other; a 1 for each cell that may be of unrelated layers. */
  void write(JsonGenerator json, List<ScoreMatrix> matrices) throws IOException {
    json.writeStringField(
        "data", ofValues.text(matrices.stream().map(ScoreMatrix::values).toList()));
    if (ofEnds.isPresent()) {
      Packed packed = ofEnds.get();
      json.writeStringField(
          "lows", packed.text(matrices.stream().map(m -> m.ends(ProbeInterval::low)).toList()));
      json.writeStringField(
          "highs", packed.text(matrices.stream().map(m -> m.ends(ProbeInterval::high)).toList()));
      StringBuilder marks = new StringBuilder();
      matrices.forEach(matrix -> appendMarks(matrix, marks));
      json.writeStringField("undecided", marks.toString());
    }
  }

  private static void appendMarks(ScoreMatrix matrix, StringBuilder marks) {
    for (int i = 0; i < matrix.values().length; i++) {
      for (int j = 0; j < matrix.values()[i].length; j++) {
        marks.append(
            matrix.interval(i, j).filter(ProbeInterval::holdsUnrelated).isPresent() ? '1' : '0');
      }
    }
  }

  /**
   * Matrices as two bytes a figure, which is a quarter of what JSON takes: 0 is the least of all
   * figures, 65534 the greatest, 65535 none. The low byte comes first.
   *
   * @param low the least figure
   * @param high the greatest
   */
  private record Packed(double low, double high) {

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
}
