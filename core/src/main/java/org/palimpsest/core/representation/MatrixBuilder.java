package org.palimpsest.core.representation;

import java.util.concurrent.ForkJoinPool;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;

/** Writes a layer's matrix probe by probe: reduced to a grid, positions drawn, channels last. */
final class MatrixBuilder {

  private static final int TILE = 16;
  private static final int BLOCK_ELEMENTS = 1 << 16;

  /** Of so many numbers several samples at once would take too much memory. */
  private static final int LARGE_SAMPLE = 1 << 22;

  private final Layout layout;
  private final View view;
  private final long firstProbe;
  private final AreaAverage average;

  private MatrixBuilder(Layout layout, View view, long firstProbe) {
    this.layout = layout;
    this.view = view;
    this.firstProbe = firstProbe;
    this.average =
        AreaAverage.between(
            layout.activations().layer(), layout.channels(), layout.grid(), view.grid());
  }

  /**
   * @param firstProbe the number of the first probe of the layout
   */
  static INDArray build(Layout layout, View view, long firstProbe) {
    return new MatrixBuilder(layout, view, firstProbe).build();
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

  /** Ranges of probes side by side, each with arrays of its own, unless these would be large. */
  private void arrange(TensorReader reader, TensorWriter writer) {
    long samples = layout.activations().samples();
    boolean small = layout.sampleLength() <= LARGE_SAMPLE;
    long ranges = small ? Math.min(samples, 2L * ForkJoinPool.getCommonPoolParallelism() + 2) : 1;
    try {
      LongStream.range(0, ranges)
          .parallel()
          .forEach(
              range ->
                  arrange(
                      reader, writer, samples * range / ranges, samples * (range + 1) / ranges));
    } catch (PalimpsestException notFinite) {
      requireFinite(reader);
      throw notFinite;
    }
  }

  private void arrange(TensorReader reader, TensorWriter writer, long from, long to) {
    if (reader.type() == DataType.FLOAT && average.keepsGrid()) {
      arrangeSingles(reader, writer, from, to);
    } else {
      arrangeDoubles(reader, writer, from, to);
    }
  }

  /** What nothing is computed of need not become float64. */
  private void arrangeSingles(TensorReader reader, TensorWriter writer, long from, long to) {
    float[] sample = new float[layout.sampleLength()];
    float[] block = new float[Math.multiplyExact(view.rowsPerProbe(), layout.channels())];
    for (long probe = from; probe < to; probe++) {
      reader.read(probe * sample.length, sample);
      requireFinite(sample, probe);
      channelsLast(sample, PositionSampler.draw(view, firstProbe + probe), block);
      writer.write(probe * block.length, block, block.length);
    }
  }

  private void arrangeDoubles(TensorReader reader, TensorWriter writer, long from, long to) {
    double[] sample = new double[layout.sampleLength()];
    double[] block = new double[Math.multiplyExact(view.rowsPerProbe(), layout.channels())];
    for (long probe = from; probe < to; probe++) {
      reader.read(probe * sample.length, sample);
      requireFinite(sample, probe);
      channelsLast(average.apply(sample), PositionSampler.draw(view, firstProbe + probe), block);
      writer.write(probe * block.length, block, block.length);
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
      if (!Double.isFinite(values[i])) {
        throw notFinite(values[i], first, i);
      }
    }
  }

  private void requireFinite(float[] values, long first) {
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
        "Layer '%s' holds %s (probe %d, channel %d, position %d)."
                .formatted(
                    layer,
                    value,
                    index / positions / channels,
                    index / positions % channels,
                    index % positions)
            + " Find out where the network diverged, or leave the layer out.");
  }

  /** Tiles keep both the strided reads and the writes within the cache. */
  private void channelsLast(double[] sample, int[] positions, double[] block) {
    int width = layout.channels();
    int grid = view.grid().positions();
    for (int row = 0; row < positions.length; row += TILE) {
      int lastRow = Math.min(row + TILE, positions.length);
      for (int channel = 0; channel < width; channel++) {
        for (int r = row; r < lastRow; r++) {
          block[r * width + channel] = sample[channel * grid + positions[r]];
        }
      }
    }
  }

  private void channelsLast(float[] sample, int[] positions, float[] block) {
    int width = layout.channels();
    int grid = view.grid().positions();
    for (int row = 0; row < positions.length; row += TILE) {
      int lastRow = Math.min(row + TILE, positions.length);
      for (int channel = 0; channel < width; channel++) {
        for (int r = row; r < lastRow; r++) {
          block[r * width + channel] = sample[channel * grid + positions[r]];
        }
      }
    }
  }
}
