package org.palimpsest.core.representation;

import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.probe.Fingerprint;

/** The rows of layers that lie within a region. */
record RegionMatrices(LayerMatrices whole, Region region) implements LayerMatrices {

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public Provenance provenance() {
    return whole.provenance();
  }

  @Override
  public Fingerprint probes() {
    return whole.probes();
  }

  @Override
  public long samples() {
    return whole.samples();
  }

  @Override
  public List<String> layers() {
    return whole.layers();
  }

  @Override
  public Grid grid(String layer) {
    Grid grid = whole.grid(layer);
    region.requireFitting(grid);
    return grid;
  }

  @Override
  public long[] shape(String layer) {
    return whole.shape(layer);
  }

  @Override
  public FeatureMaps featureMaps() {
    return whole.featureMaps();
  }

  @Override
  public String describe(Grid grid) {
    return whole.describe(grid) + " in " + region.describe(grid);
  }

  @Override
  public Representation get(String layer, Grid grid) {
    return narrowed(whole.get(layer, grid), grid);
  }

  @Override
  public void onEach(
      String layer, Collection<Grid> grids, BiConsumer<? super Grid, ? super Representation> use) {
    whole.onEach(layer, grids, (grid, all) -> use.accept(grid, narrowed(all, grid)));
  }

  private Representation narrowed(Representation all, Grid grid) {
    Region.Rows rows = region.requireRows(grid);
    int width = Math.toIntExact(all.features());
    long samples = (long) rows.probes().size() * rows.perProbe();
    TensorReader reader = TensorReader.of(all.matrix());
    TensorWriter writer = TensorWriter.create(reader.type(), samples, width);
    long to = 0;
    for (int i = 0; i < rows.probes().size(); i++) {
      long first = (long) rows.probes().get(i) * all.info().rowsPerProbe();
      for (int position : rows.positions().get(i)) {
        copy(reader, (first + position) * width, writer, to, width);
        to += width;
      }
    }
    RepresentationInfo info = all.info();
    return new Representation(
        new RepresentationInfo(
            info.layer(),
            samples,
            width,
            rows.perProbe(),
            info.probes(),
            info.view() + " in " + region.describe(grid)),
        writer.tensor());
  }

  private static void copy(TensorReader from, long at, TensorWriter to, long place, int width) {
    if (from.type() == DataType.FLOAT) {
      float[] row = new float[width];
      from.read(at, row);
      to.write(place, row, width);
    } else {
      double[] row = new double[width];
      from.read(at, row);
      to.write(place, row, width);
    }
  }
}
