package org.palimpsest.core.representation;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;

/** Writes a layer's matrix probe by probe: reduced to a grid, positions drawn, channels last. */
final class MatrixBuilder {

  private static final int TILE = 16;

  private final Layout layout;
  private final View view;
  private final AreaAverage average;

  private MatrixBuilder(Layout layout, View view) {
    this.layout = layout;
    this.view = view;
    this.average =
        AreaAverage.between(
            layout.activations().layer(), layout.channels(), layout.grid(), view.grid());
  }

  static Representation build(Layout layout, View view) {
    return new MatrixBuilder(layout, view).build();
  }

  private Representation build() {
    Activations activations = layout.activations();
    TensorReader reader = TensorReader.of(activations.values());
    int rows = view.rowsPerProbe();
    int width = layout.channels();
    TensorWriter writer =
        TensorWriter.create(
            reader.type(), Math.multiplyExact(activations.samples(), (long) rows), width);
    double[] sample = new double[layout.sampleLength()];
    double[] block = new double[Math.multiplyExact(rows, width)];
    for (long probe = 0; probe < activations.samples(); probe++) {
      reader.read(probe * sample.length, sample);
      requireFinite(sample, probe);
      channelsLast(average.apply(sample), PositionSampler.draw(view, probe), block);
      writer.write(probe * block.length, block, block.length);
    }
    return new Representation(
        new RepresentationInfo(
            activations.layer(),
            activations.samples() * rows,
            width,
            rows,
            activations.probes(),
            view.describe()),
        writer.tensor());
  }

  private void requireFinite(double[] sample, long probe) {
    for (int i = 0; i < sample.length; i++) {
      if (!Double.isFinite(sample[i])) {
        throw new PalimpsestException(
            "Layer '%s' holds %s (probe %d, channel %d, position %d)."
                    .formatted(
                        layout.activations().layer(),
                        sample[i],
                        probe,
                        i / layout.grid().positions(),
                        i % layout.grid().positions())
                + " Find out where the network diverged, or leave the layer out.");
      }
    }
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
}
