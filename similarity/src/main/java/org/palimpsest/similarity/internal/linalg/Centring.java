package org.palimpsest.similarity.internal.linalg;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;

/**
 * Subtracts each feature's mean, and divides all of them by one power of two, so that neither a
 * large mean nor an extreme scale can spoil a product. Whatever else a measure needs of a layer is
 * computed when first asked for and kept with it, so that all linear measures share it.
 *
 * @param keepsMeans whether the means stay after all
 */
public record Centring(boolean keepsMeans) implements Preparation<CentredLayer> {

  public static Centring ofFeatures() {
    return new Centring(false);
  }

  /** Scales alone: for what is defined on raw features. */
  public static Centring none() {
    return new Centring(true);
  }

  /**
   * Centres a layer, in two passes over it.
   *
   * @throws PalimpsestException if no feature varies, or all are zero where means are kept
   */
  @Override
  public CentredLayer prepare(Representation representation) {
    return new Centrer(representation, keepsMeans).centre();
  }

  @Override
  public Optional<PreparedFormat<CentredLayer>> format() {
    return Optional.of(new CentredLayer.Format());
  }

  /** The type in which a layer is kept. */
  static DataType typeOf(Representation representation) {
    return representation.matrix().length() <= Centrer.SMALL
        ? DataType.DOUBLE
        : TensorReader.readableType(representation.matrix().dataType());
  }

  /** Centres one layer, block by block, with all sums in float64. */
  private static final class Centrer {

    private static final int BLOCK_ELEMENTS = 1 << 16;

    /** Float32 layers of up to this many numbers are kept in float64: it costs nothing there. */
    private static final long SMALL = 1 << 18;

    private final Representation representation;
    private final TensorReader reader;
    private final int width;
    private final int samples;
    private final int blockRows;
    private final boolean keepsMeans;

    Centrer(Representation representation, boolean keepsMeans) {
      this.representation = representation;
      this.keepsMeans = keepsMeans;
      this.reader = TensorReader.of(representation.matrix());
      this.width = Math.toIntExact(representation.features());
      this.samples = Math.toIntExact(representation.samples());
      this.blockRows = Math.max(1, BLOCK_ELEMENTS / width);
    }

    CentredLayer centre() {
      if (type() == DataType.FLOAT) {
        Optional<SingleCentrer.Centred> single =
            SingleCentrer.centre(representation.matrix(), keepsMeans);
        if (single.isPresent()) {
          SingleCentrer.Centred centred = single.get();
          return layer(centred.matrix(), centred.scale(), centred.mean(), centred.rowSquares());
        }
      }
      return centreInDouble();
    }

    private CentredLayer centreInDouble() {
      double[] first = new double[width];
      if (!keepsMeans) {
        reader.read(0, first);
      }
      List<Deviations> blocks =
          blocks().mapToObj(block -> deviations(block * blockRows, first)).toList();
      double[] mean = keepsMeans ? first : mean(first, blocks);
      double largest = blocks.stream().mapToDouble(Deviations::largest).max().orElse(0);
      requireVariation(largest);
      double scale = Math.scalb(1.0, Math.max(Math.getExponent(largest), -1000));
      TensorWriter writer = TensorWriter.create(type(), samples, width);
      double[] rowSquares = new double[samples];
      blocks().forEach(block -> write(block * blockRows, mean, scale, writer, rowSquares));
      return layer(writer.tensor(), scale, mean, rowSquares);
    }

    /**
     * @param mean what was subtracted, by no scale
     */
    private CentredLayer layer(INDArray centred, double scale, double[] mean, double[] rowSquares) {
      return new CentredLayer(
          representation.info(),
          centred,
          reader.type(),
          scale,
          rowSquares,
          spread(scale, mean, rowSquares),
          keepsMeans);
    }

    private double spread(double scale, double[] mean, double[] rowSquares) {
      double subtracted =
          keepsMeans ? 0 : Arrays.stream(mean).map(m -> m / scale).map(m -> m * m).sum();
      double squares = Arrays.stream(rowSquares).sum();
      return Math.sqrt(squares / (squares + samples * subtracted));
    }

    private DataType type() {
      return typeOf(representation);
    }

    private IntStream blocks() {
      return IntStream.range(0, (samples + blockRows - 1) / blockRows).parallel();
    }

    /** Sums of deviations from the first sample, which is nearer to the data than zero is. */
    private record Deviations(double[] sums, double largest) {}

    private Deviations deviations(int fromRow, double[] first) {
      double[] block = read(fromRow);
      double[] sums = new double[width];
      double largest = 0;
      for (int i = 0; i < block.length; i += width) {
        for (int j = 0; j < width; j++) {
          double deviation = block[i + j] - first[j];
          sums[j] += deviation;
          largest = Math.abs(deviation) > largest ? Math.abs(deviation) : largest;
        }
      }
      return new Deviations(sums, largest);
    }

    private double[] read(int fromRow) {
      int rows = Math.min(blockRows, samples - fromRow);
      double[] block = new double[rows * width];
      reader.read((long) fromRow * width, block);
      return block;
    }

    private double[] mean(double[] first, List<Deviations> blocks) {
      double[] mean = new double[width];
      for (Deviations block : blocks) {
        for (int j = 0; j < width; j++) {
          mean[j] += block.sums()[j];
        }
      }
      for (int j = 0; j < width; j++) {
        mean[j] = first[j] + mean[j] / samples;
      }
      return mean;
    }

    private void requireVariation(double largest) {
      if (largest == 0) {
        throw new PalimpsestException(
            "Layer '%s' (%s samples × %s features) answers the same to every sample, so nothing can be compared with it. Leave it out, or show more probes."
                .formatted(representation.layer(), samples, width));
      }
      if (!Double.isFinite(largest)) {
        throw new PalimpsestException(
            "Layer '%s' (%s samples × %s features) holds values too large for float64 sums. Scale it down."
                .formatted(representation.layer(), samples, width));
      }
    }

    private void write(
        int fromRow, double[] mean, double scale, TensorWriter writer, double[] rowSquares) {
      double[] block = read(fromRow);
      for (int i = 0; i < block.length; i += width) {
        double square = 0;
        for (int j = 0; j < width; j++) {
          double centred = (block[i + j] - mean[j]) / scale;
          block[i + j] = centred;
          square += centred * centred;
        }
        rowSquares[fromRow + i / width] = square;
      }
      writer.write((long) fromRow * width, block, block.length);
    }
  }
}
