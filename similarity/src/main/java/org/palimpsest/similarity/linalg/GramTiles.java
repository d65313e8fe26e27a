package org.palimpsest.similarity.linalg;

import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Inner products of many Gram matrices, tile by tile, so that none of them is ever held whole: the
 * same tile of all layers lies in one matrix, whose product with itself has all pairs at once.
 */
final class GramTiles {

  private static final int TILE = 256;

  private GramTiles() {}

  static boolean costsLess(List<CentredLayer> rows, List<CentredLayer> columns) {
    double samples = rows.get(0).info().samples();
    double pairs = (double) rows.size() * columns.size();
    double widthOfRows = width(rows);
    double widthOfColumns = width(columns);
    double tiles = samples * (samples + TILE) / 2;
    double gramSide = tiles * (widthOfRows + widthOfColumns + 2 * pairs);
    double selfTerms = squaredWidths(rows) + squaredWidths(columns);
    return gramSide < samples * (widthOfRows * widthOfColumns + selfTerms);
  }

  private static double width(List<CentredLayer> layers) {
    return layers.stream().mapToDouble(layer -> layer.info().features()).sum();
  }

  private static double squaredWidths(List<CentredLayer> layers) {
    return layers.stream().mapToDouble(layer -> Math.pow(layer.info().features(), 2)).sum();
  }

  static CrossProducts products(List<CentredLayer> rows, List<CentredLayer> columns) {
    Dense cross = Dense.zeros(rows.size(), columns.size());
    double[] ofRows = new double[rows.size()];
    double[] ofColumns = new double[columns.size()];
    int samples = rows.get(0).matrix().rows();
    for (int from = 0; from < samples; from += TILE) {
      for (int across = from; across < samples; across += TILE) {
        int weight = from == across ? 1 : 2;
        INDArray tilesOfRows = tiles(rows, from, across, samples);
        INDArray tilesOfColumns = tiles(columns, from, across, samples);
        Dense products = Products.timesTranspose(tilesOfRows, tilesOfColumns);
        for (int i = 0; i < cross.values().length; i++) {
          cross.values()[i] += weight * products.values()[i];
        }
        addSquares(tilesOfRows, weight, ofRows);
        addSquares(tilesOfColumns, weight, ofColumns);
      }
    }
    return new CrossProducts(table(cross), ofRows, ofColumns);
  }

  private static INDArray tiles(List<CentredLayer> layers, int from, int across, int samples) {
    boolean single = layers.stream().anyMatch(l -> l.matrix().dataType() == DataType.FLOAT);
    return Products.stackedTiles(
        layers.stream().map(CentredLayer::matrix).toList(),
        single ? DataType.FLOAT : DataType.DOUBLE,
        new int[] {from, Math.min(samples, from + TILE)},
        new int[] {across, Math.min(samples, across + TILE)});
  }

  private static void addSquares(INDArray tiles, int weight, double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      double norm = tiles.getRow(i).norm2Number().doubleValue();
      sums[i] += weight * norm * norm;
    }
  }

  private static double[][] table(Dense matrix) {
    double[][] table = new double[matrix.rows()][matrix.columns()];
    for (int i = 0; i < matrix.rows(); i++) {
      System.arraycopy(matrix.values(), i * matrix.columns(), table[i], 0, matrix.columns());
    }
    return table;
  }
}
