package org.palimpsest.similarity.cka;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.similarity.internal.linalg.BatchProducts;
import org.palimpsest.similarity.internal.linalg.Cores;
import org.palimpsest.similarity.internal.linalg.Products;

/**
 * The U-centred Gram matrices of a layer's batches as one vector, so weighted that the inner
 * product of two such vectors is the sum over batches of n_b times the unbiased HSIC.
 *
 * @param info of the layer
 * @param entries what lies above the diagonals, batch after batch
 * @param norm the vector's norm, above zero
 * @see <a href="https://doi.org/10.1214/14-AOS1255">Székely and Rizzo 2014, definition 2</a>
 */
record BatchGrams(RepresentationInfo info, INDArray entries, double norm) implements Prepared {

  @Override
  public long bytes() {
    return entries.length() * entries.dataType().width();
  }

  private static final class Format implements PreparedFormat<BatchGrams> {

    @Override
    public void write(BatchGrams prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeTensor(prepared.entries);
      out.writeDouble(prepared.norm);
    }

    @Override
    public BatchGrams read(PreparedInput in) throws IOException {
      return new BatchGrams(in.readInfo(), in.readTensor(), in.readDouble());
    }
  }

  /** Makes them, for batches of this many samples. */
  record Centring(int batchSize) implements Preparation<BatchGrams> {

    @Override
    public Optional<PreparedFormat<BatchGrams>> format() {
      return Optional.of(new Format());
    }

    @Override
    public BatchGrams prepare(Representation representation) {
      Hsic.requireEnough(representation.info());
      int[] bounds = batches(Math.toIntExact(representation.samples()));
      INDArray matrix = representation.matrix();
      if (BatchProducts.suit(representation)) {
        Grams grams =
            Grams.of(
                DataType.FLOAT,
                bounds,
                (from, to) -> BatchGram.of(to - from, BatchProducts.upperGram(matrix, from, to)));
        if (grams.isModerate()) {
          return grams.of(representation.info());
        }
      }
      INDArray centred =
          org.palimpsest.similarity.internal.linalg.Centring.ofFeatures()
              .prepare(representation)
              .matrix();
      return Grams.of(
              centred.dataType(),
              bounds,
              (from, to) -> BatchGram.of(Products.upperGramOfRows(centred, from, to)))
          .of(representation.info());
    }

    /** Where each batch begins, and the end. */
    int[] batches(int samples) {
      int whole = samples / batchSize;
      int rest = samples % batchSize;
      int count = Math.max(1, rest < Hsic.FEWEST_SAMPLES ? whole : whole + 1);
      return IntStream.rangeClosed(0, count)
          .map(batch -> batch == count ? samples : batch * batchSize)
          .toArray();
    }
  }

  /**
   * U-centred Gram matrices.
   *
   * @param entries what lies above the diagonals
   * @param square their squared norm
   * @param scale the squared norm of the matrices before
   */
  private record Grams(INDArray entries, double square, double scale) {

    /** Beyond this power of two float32 products of Gram matrices could overflow or vanish. */
    private static final int MODERATE = 80;

    static Grams of(DataType type, int[] bounds, BatchGram.Source source) {
      long[] places = places(bounds);
      TensorWriter writer = TensorWriter.create(type, places[places.length - 1]);
      double[] squares = new double[bounds.length - 1];
      double[] scales = new double[bounds.length - 1];
      Cores.sideBySide(
          squares.length,
          batch -> {
            BatchGram gram = source.of(bounds[batch], bounds[batch + 1]);
            scales[batch] = gram.squaredNorm();
            squares[batch] = gram.writeCentred(writer, places[batch]);
          });
      return new Grams(writer.tensor(), Arrays.stream(squares).sum(), Arrays.stream(scales).sum());
    }

    boolean isModerate() {
      return scale > 0 && Math.abs(Math.getExponent(scale)) <= MODERATE;
    }

    BatchGrams of(RepresentationInfo info) {
      return new BatchGrams(info, entries, Math.sqrt(Hsic.requirePositive(square, scale, info)));
    }
  }

  private static long[] places(int[] bounds) {
    long[] places = new long[bounds.length];
    for (int batch = 1; batch < bounds.length; batch++) {
      long size = bounds[batch] - bounds[batch - 1];
      places[batch] = places[batch - 1] + size * (size - 1) / 2;
    }
    return places;
  }
}
