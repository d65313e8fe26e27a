package org.palimpsest.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.palimpsest.core.weights.LayerKind;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.FilterMosaic;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.FilterLayout;
import org.palimpsest.similarity.weights.NetworkFilters;

/** Two networks' filters as pictures: themselves side by side, and how well they match. */
final class WeightPictures {

  private static final int LEAST_FILTERS = 2;

  private final Weights a;
  private final Weights b;

  WeightPictures(Weights a, Weights b) {
    this.a = a;
    this.b = b;
  }

  /** Draws the layers of convolutions that both networks have, among those of these names. */
  List<Path> write(List<String> layers, Path folder) {
    List<Picture> pictures = new ArrayList<>();
    NetworkFilters ofA = NetworkFilters.of(a);
    NetworkFilters ofB = NetworkFilters.of(b);
    for (FilterLayout layout : ofA.layouts()) {
      String layer = layout.layer();
      if (layers.contains(layer)
          && layout.kind() != LayerKind.LINEAR
          && layout.filters() >= LEAST_FILTERS
          && ofB.layout(layer).isPresent()) {
        FilterBank before = ofA.bank(layer);
        FilterBank after = ofB.bank(layer);
        pictures.add(new Picture("filters-" + layer, () -> mosaic(before, after)));
        if (MatchedFilters.areDefined(before, after)) {
          Figure matches = matches(before, after);
          pictures.add(new Picture("matched-" + layer, () -> matches));
        }
      }
    }
    return pictures.parallelStream().flatMap(picture -> picture.write(folder)).toList();
  }

  /** A picture and the name of its files. */
  private record Picture(String name, Supplier<Figure> figure) {

    Stream<Path> write(Path folder) {
      String safe = name.replaceAll("[^A-Za-z0-9._=-]", "-");
      Path png = folder.resolve(safe + ".png");
      Path svg = folder.resolve(safe + ".svg");
      Figure drawn = figure.get();
      drawn.writePng(png);
      drawn.writeSvg(svg);
      return Stream.of(png, svg);
    }
  }

  private Figure matches(FilterBank before, FilterBank after) {
    return MatchedFilters.of(before, after)
        .withDetail("A: " + a.provenance().origin())
        .withDetail("B: " + b.provenance().origin())
        .draw();
  }

  private Figure mosaic(FilterBank before, FilterBank after) {
    return FilterMosaic.of("Filters of " + before.layer())
        .withDetail("A: " + a.provenance().origin())
        .withDetail("B: " + b.provenance().origin())
        .withFilters("A", kernels(before))
        .withFilters("B", kernels(after))
        .draw();
  }

  private static double[][][][] kernels(FilterBank bank) {
    List<Integer> kernel = bank.layout().kernel();
    long[] shape = new long[2 + Math.max(2, kernel.size())];
    shape[0] = bank.filters();
    shape[1] = bank.layout().inputChannels();
    for (int axis = 2; axis < shape.length; axis++) {
      int index = axis - (shape.length - kernel.size());
      shape[axis] = index < 0 ? 1 : kernel.get(index);
    }
    return FilterMosaic.kernels(bank.toArray(), shape);
  }
}
