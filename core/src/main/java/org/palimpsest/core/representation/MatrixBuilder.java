package org.palimpsest.core.representation;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.representation.FeatureMaps.View;

/** Writes a layer's matrix probe by probe: reduced to a grid, positions drawn, channels last. */
final class MatrixBuilder {

  private static final int TILE_ELEMENTS = 1 << 14;
  private static final int BLOCK_ELEMENTS = 1 << 16;

  /** Sums of squares of larger ones leave float64. */
  private static final double LARGEST = 1e150;

  private final Layout layout;
  private final View view;
  private final long firstProbe;
  private final AreaAverage average;

  private MatrixBuilder(Layout layout, View view, long firstProbe) {
    this.layout = layout;
    this.view = view;
    this.firstProbe = firstProbe;
    this.average = AreaAverage.between(layout.activations().layer(), layout.grid(), view.grid());
  }

  /**
   * @param firstProbe the number of the first probe of the layout
   */
  static INDArray build(Layout layout, View view, long firstProbe) {
    return new MatrixBuilder(layout, view, firstProbe).build();
  }

  /**
   * The matrix of a single probe with each column's values one after the other: a view of the
   * activations, whose memory it shares, where it holds all of them.
   *
   * @param probe its number
   */
  static INDArray featuresFirst(Layout layout, View view, long probe) {
    return new MatrixBuilder(layout, view, probe).featuresFirst();
  }

  private INDArray featuresFirst() {
    INDArray values = layout.activations().values();
    TensorReader reader = TensorReader.of(values);
    try {
      if (keepsAll(reader) && TensorReader.liesInOrder(values)) {
        requireUsableChannels(reader);
        return values.reshape(layout.channels(), view.rowsPerProbe()).transpose();
      }
      return reducedFeaturesFirst(reader).transpose();
    } catch (PalimpsestException notFinite) {
      requireFinite(reader);
      throw notFinite;
    }
  }

  private INDArray reducedFeaturesFirst(TensorReader reader) {
    int[] positions = PositionSampler.draw(view, firstProbe);
    TensorWriter writer = TensorWriter.create(reader.type(), layout.channels(), positions.length);
    IntStream.range(0, layout.channels())
        .parallel()
        .forEach(
            channel -> {
              double[] row = new double[positions.length];
              reduce(reader, 0, channel, positions, new Column(row, 0, 1));
              writer.write((long) channel * row.length, row, row.length);
            });
    return writer.tensor();
  }

  private void requireUsableChannels(TensorReader reader) {
    int positions = layout.grid().positions();
    IntStream.range(0, layout.channels())
        .parallel()
        .forEach(
            channel -> {
              float[] block = new float[Math.min(positions, TILE_ELEMENTS)];
              for (int from = 0; from < positions; from += block.length) {
                int count = Math.min(block.length, positions - from);
                reader.read((long) channel * positions + from, block, count);
                requireUsable(zeroOf(block), 0);
              }
            });
  }

  /** Whether the matrix has all values as they are. */
  private boolean keepsAll(TensorReader reader) {
    return average.keepsGrid()
        && view.rowsPerProbe() == layout.grid().positions()
        && reader.type() == DataType.FLOAT;
  }

  private INDArray build() {
    Activations activations = layout.activations();
    TensorReader reader = TensorReader.of(activations.values());
    int rows = view.rowsPerProbe();
    int width = layout.channels();
    TensorWriter writer =
        TensorWriter.create(
            reader.type(), Math.multiplyExact(activations.samples(), (long) rows), width);
    if (layout.grid().positions() == 1) {
      copy(reader, writer);
    } else {
      arrange(reader, writer);
    }
    return writer.tensor();
  }

  /** Without space a sample's channels are its row already. */
  private void copy(TensorReader reader, TensorWriter writer) {
    int width = layout.channels();
    int rows = Math.max(1, BLOCK_ELEMENTS / width);
    long samples = layout.activations().samples();
    LongStream.range(0, (samples + rows - 1) / rows)
        .parallel()
        .forEach(
            index -> {
              long from = index * rows;
              int count = (int) Math.min(rows, samples - from) * width;
              if (reader.type() == DataType.FLOAT) {
                float[] block = new float[count];
                reader.read(from * width, block);
                requireFinite(block, from);
                writer.write(from * width, block, count);
              } else {
                double[] block = new double[count];
                reader.read(from * width, block);
                requireFinite(block, from);
                writer.write(from * width, block, count);
              }
            });
  }

  private void arrange(TensorReader reader, TensorWriter writer) {
    try {
      if (keepsAll(reader)) {
        transpose(reader, writer);
      } else {
        reduce(reader, writer);
      }
    } catch (PalimpsestException notFinite) {
      requireFinite(reader);
      throw notFinite;
    }
  }

  /** All positions, some at a time, so that what is read and written stays in the cache. */
  private void transpose(TensorReader reader, TensorWriter writer) {
    int positions = layout.grid().positions();
    int atOnce = Math.max(1, TILE_ELEMENTS / layout.channels());
    int tiles = (positions + atOnce - 1) / atOnce;
    LongStream.range(0, layout.activations().samples() * tiles)
        .parallel()
        .forEach(
            index -> {
              long probe = index / tiles;
              int from = (int) (index % tiles) * atOnce;
              int count = Math.min(atOnce, positions - from);
              transpose(reader, writer, probe, from, count);
            });
  }

  private void transpose(
      TensorReader reader, TensorWriter writer, long probe, int from, int count) {
    int width = layout.channels();
    long positions = layout.grid().positions();
    float[] channel = new float[count];
    float[] rows = new float[count * width];
    for (int c = 0; c < width; c++) {
      reader.read((probe * width + c) * positions + from, channel);
      for (int i = 0, at = c; i < count; i++, at += width) {
        rows[at] = channel[i];
      }
    }
    requireUsable(zeroOf(rows), probe);
    writer.write((probe * positions + from) * width, rows, rows.length);
  }

  /**
   * The sum of values times zero: it is none where a value is not finite. Four sums at once, since
   * each would wait for itself.
   */
  private static float zeroOf(float[] values) {
    float first = 0;
    float second = 0;
    float third = 0;
    float fourth = 0;
    int i = 0;
    for (; i <= values.length - 4; i += 4) {
      first += 0 * values[i];
      second += 0 * values[i + 1];
      third += 0 * values[i + 2];
      fourth += 0 * values[i + 3];
    }
    for (; i < values.length; i++) {
      first += 0 * values[i];
    }
    return first + second + third + fourth;
  }

  /** The first that is not finite, or too large for sums of squares, or zero. */
  private static double unusable(double[] values) {
    for (double value : values) {
      if (!isUsable(value)) {
        return value;
      }
    }
    return 0;
  }

  private static boolean isUsable(double value) {
    return Math.abs(value) <= LARGEST;
  }

  /**
   * @param flaw zero if there is none; another than the value that will be told
   */
  private void requireUsable(double flaw, long probe) {
    if (flaw != 0) {
      throw notFinite(flaw, probe, 0);
    }
  }

  /** Through float64: averages, or positions that are drawn; channels are done side by side. */
  private void reduce(TensorReader reader, TensorWriter writer) {
    int width = layout.channels();
    LongStream.range(0, layout.activations().samples())
        .parallel()
        .forEach(
            probe -> {
              int[] positions = PositionSampler.draw(view, firstProbe + probe);
              double[] rows = new double[positions.length * width];
              IntStream.range(0, width)
                  .parallel()
                  .forEach(
                      channel ->
                          reduce(
                              reader, probe, channel, positions, new Column(rows, channel, width)));
              writer.write(probe * rows.length, rows, rows.length);
            });
  }

  /** Where a channel's values go: from some place on, so far from one to the next. */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Column(double[] values, int first, int stride) {}

  private void reduce(TensorReader reader, long probe, int channel, int[] positions, Column into) {
    int width = layout.channels();
    int all = layout.grid().positions();
    double[] reduced = average.apply(reader, (probe * width + channel) * all, all);
    requireUsable(unusable(reduced), probe); // each value has a share in an average
    double[] column = into.values;
    int stride = into.stride;
    for (int i = 0, at = into.first; i < positions.length; i++, at += stride) {
      column[at] = reduced[positions[i]];
    }
  }

  /** In order, so that it is the first probe that is named, whichever was met first. */
  private void requireFinite(TensorReader reader) {
    double[] sample = new double[layout.sampleLength()];
    for (long probe = 0; probe < layout.activations().samples(); probe++) {
      reader.read(probe * sample.length, sample);
      requireFinite(sample, probe);
    }
  }

  /**
   * @param values of whole probes
   * @param first the first of them
   */
  private void requireFinite(double[] values, long first) {
    for (int i = 0; i < values.length; i++) {
      if (!isUsable(values[i])) {
        throw notFinite(values[i], first, i);
      }
    }
  }

  private void requireFinite(float[] values, long first) {
    if (zeroOf(values) == 0) {
      return;
    }
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw notFinite(values[i], first, i);
      }
    }
  }

  private PalimpsestException notFinite(double value, long first, int index) {
    return notFinite(
        layout.activations().layer(),
        value,
        layout.grid().positions(),
        layout.channels(),
        (firstProbe + first) * layout.sampleLength() + index);
  }

  /**
   * @param index where the value lies among those of all probes
   */
  static PalimpsestException notFinite(
      String layer, double value, long positions, long channels, long index) {
    return new PalimpsestException(
        "Layer '%s' holds %s (probe %s, channel %s, position %s)%s, or leave it out."
            .formatted(
                layer,
                value,
                index / positions / channels,
                index / positions % channels,
                index % positions,
                Double.isFinite(value)
                    ? ", too large for float64 sums of squares. Scale the layer down"
                    : ". Find out where the network diverged"));
  }
}
