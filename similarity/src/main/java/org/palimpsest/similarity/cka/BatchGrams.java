package org.palimpsest.similarity.cka;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.Products;

/**
 * The U-centred Gram matrices of a layer's batches as one vector, so weighted that the inner
 * product of two such vectors is the sum over batches of n_b times the unbiased HSIC.
 *
 * @param info of the layer
 * @param entries what lies above the diagonals, batch after batch
 * @param norm the vector's norm, above zero
 * @see <a href="https://doi.org/10.1214/14-AOS1255">Székely and Rizzo 2014, definition 2</a>
 */
public record BatchGrams(RepresentationInfo info, INDArray entries, double norm)
    implements Prepared {

  private static final int GRAMS_AT_ONCE = 16;

  @Override
  public long bytes() {
    return entries.length() * entries.dataType().width();
  }

  /** Makes them, for batches of this many samples. */
  record Centring(int batchSize) implements Preparation<BatchGrams> {

    @Override
    public BatchGrams prepare(Representation representation) {
      Hsic.requireEnough(representation.info());
      CentredLayer layer =
          org.palimpsest.similarity.linalg.Centring.ofFeatures().prepare(representation);
      return of(layer, batches(Math.toIntExact(representation.samples())));
    }

    /** Where each batch begins, and the end. */
    private int[] batches(int samples) {
      int whole = samples / batchSize;
      int rest = samples % batchSize;
      int count = Math.max(1, rest < Hsic.FEWEST_SAMPLES ? whole : whole + 1);
      return IntStream.rangeClosed(0, count)
          .map(batch -> batch == count ? samples : batch * batchSize)
          .toArray();
    }
  }

  private static BatchGrams of(CentredLayer layer, int[] bounds) {
    long[] places = places(bounds);
    TensorWriter writer = TensorWriter.create(layer.matrix().dataType(), places[places.length - 1]);
    double square = 0;
    double scale = 0;
    for (int from = 0; from < bounds.length - 1; from += GRAMS_AT_ONCE) {
      int to = Math.min(bounds.length - 1, from + GRAMS_AT_ONCE);
      List<Dense> grams = new ArrayList<>();
      for (int batch = from; batch < to; batch++) {
        INDArray rows = Products.rows(layer.matrix(), bounds[batch], bounds[batch + 1]);
        grams.add(Products.timesTranspose(rows, rows));
      }
      int first = from;
      square +=
          IntStream.range(0, grams.size())
              .parallel()
              .mapToDouble(i -> write(grams.get(i), places[first + i], writer))
              .sum();
      scale += grams.stream().mapToDouble(Dense::squaredNorm).sum();
    }
    double norm = Math.sqrt(Hsic.requirePositive(square, scale, layer.info()));
    return new BatchGrams(layer.info(), writer.tensor(), norm);
  }

  private static long[] places(int[] bounds) {
    long[] places = new long[bounds.length];
    for (int batch = 1; batch < bounds.length; batch++) {
      long size = bounds[batch] - bounds[batch - 1];
      places[batch] = places[batch - 1] + size * (size - 1) / 2;
    }
    return places;
  }

  /** Writes one batch and tells its part of the squared norm. */
  private static double write(Dense gram, long place, TensorWriter writer) {
    double[] centred = weighted(gram);
    writer.write(place, centred, centred.length);
    double square = 0;
    for (double value : centred) {
      square += value * value;
    }
    return square;
  }

  /** U-centred, above the diagonal, times sqrt(2 / (n_b - 3)). */
  private static double[] weighted(Dense gram) {
    int size = gram.rows();
    double[] sums = sumsWithoutDiagonal(gram);
    double total = 0;
    for (double sum : sums) {
      total += sum;
    }
    double shift = total / (size - 1) / (size - 2);
    double weight = Math.sqrt(2.0 / (size - 3));
    double[] entries = new double[size * (size - 1) / 2];
    int next = 0;
    for (int i = 0; i < size; i++) {
      double ofRow = shift - sums[i] / (size - 2);
      for (int j = i + 1; j < size; j++) {
        entries[next++] = weight * (gram.get(i, j) + ofRow - sums[j] / (size - 2));
      }
    }
    return entries;
  }

  private static double[] sumsWithoutDiagonal(Dense gram) {
    double[] sums = new double[gram.rows()];
    for (int i = 0; i < sums.length; i++) {
      for (int j = 0; j < sums.length; j++) {
        sums[i] += i == j ? 0 : gram.get(i, j);
      }
    }
    return sums;
  }
}
