package org.palimpsest.similarity.linalg;

import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/**
 * A centred layer of rows drawn with replacement: each drawn row once, about the mean of all that
 * were drawn, times the root of how often it was.
 */
final class Reweighting {

  private Reweighting() {}

  static CentredLayer of(CentredLayer layer, int[] drawn) {
    int[] counts = new int[layer.matrix().rows()];
    for (int row : drawn) {
      counts[row]++;
    }
    int[] rows = IntStream.range(0, counts.length).filter(row -> counts[row] > 0).toArray();
    double[] weights = IntStream.of(rows).mapToDouble(row -> counts[row]).toArray();
    double[] mean =
        layer.keepsMeans()
            ? new double[layer.matrix().columns()]
            : mean(layer, counts, drawn.length);
    double[] squares = new double[rows.length];
    INDArray matrix =
        Rows.gather(
            layer.matrix(),
            rows,
            (index, row) -> squares[index] = centre(row, mean, weights[index]));
    requireVariation(layer, squares, rows.length);
    return new CentredLayer(
        layer.info(), matrix, layer.cameAs(), layer.scale(), squares, weights, layer.keepsMeans());
  }

  private static double[] mean(CentredLayer layer, int[] counts, int drawn) {
    double[] share = IntStream.of(counts).mapToDouble(count -> count / (double) drawn).toArray();
    return Products.transposeTimes(layer.matrix(), new Dense(share.length, 1, share)).values();
  }

  private static double centre(double[] row, double[] mean, double weight) {
    double root = Math.sqrt(weight);
    double square = 0;
    for (int j = 0; j < row.length; j++) {
      row[j] = root * (row[j] - mean[j]);
      square += row[j] * row[j];
    }
    return square;
  }

  private static void requireVariation(CentredLayer layer, double[] squares, int rows) {
    double sum = 0;
    for (double square : squares) {
      sum += square;
    }
    if (!(sum > 1e-20 * layer.squaredNorm() / layer.matrix().rows())) {
      throw new PalimpsestException(
          "Layer '%s' answers the same to all %d different samples drawn of its %d. Show more probes."
              .formatted(layer.info().layer(), rows, layer.info().samples()));
    }
  }
}
