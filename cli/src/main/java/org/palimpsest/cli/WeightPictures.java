package org.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.palimpsest.core.weights.WeightTensor.LayerKind;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileNames;
import org.palimpsest.internal.text.Names;
import org.palimpsest.report.plot.Figure;
import org.palimpsest.report.plot.FilterMosaic;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;

/** Two networks' filters as pictures: themselves side by side, and how well they match. */
final class WeightPictures {

  private static final int LEAST_FILTERS = 2;
  private static final int MOST_AXES = 3;

  private final Weights a;
  private final Weights b;

  WeightPictures(Weights a, Weights b) {
    this.a = a;
    this.b = b;
  }

  /**
   * Pictures of the layers of convolutions that both networks have, among those of these names.
   *
   * @param notes it is added what is not drawn, and which files are not called as their layers
   */
  List<Picture> of(List<String> layers, List<String> notes) {
    NetworkFilters ofA = NetworkFilters.of(a);
    NetworkFilters ofB = NetworkFilters.of(b);
    List<FilterBank.Layout> drawn = new ArrayList<>();
    for (FilterBank.Layout layout : ofA.layouts()) {
      boolean convolution =
          layers.contains(layout.layer())
              && layout.kind() != LayerKind.LINEAR
              && layout.filters() >= LEAST_FILTERS
              && ofB.layout(layout.layer()).isPresent();
      if (convolution && layout.kernel().size() > MOST_AXES) {
        notes.add(
            "the filters of '%s' have %d axes and are not drawn"
                .formatted(layout.layer(), layout.kernel().size()));
      } else if (convolution) {
        drawn.add(layout);
      }
    }
    List<String> names = FileNames.distinct(drawn.stream().map(FilterBank.Layout::layer).toList());
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String layer = drawn.get(i).layer();
      if (!names.get(i).equals(FileNames.plain(layer))) {
        notes.add("the pictures of '%s' are called %s".formatted(layer, names.get(i)));
      }
      addPictures(pictures, names.get(i), ofA.bank(layer), ofB.bank(layer));
    }
    return pictures;
  }

  private void addPictures(
      List<Picture> pictures, String name, FilterBank before, FilterBank after) {
    pictures.add(new Picture("filters-" + name, () -> mosaic(before, after)));
    if (MatchedFilters.areDefined(before, after)) {
      Figure matches = matches(before, after);
      pictures.add(new Picture("matched-" + name, () -> matches));
    }
  }

  /** A picture and the name of its files. */
  record Picture(String name, Supplier<Figure> figure) {

    void makeIn(StagedFiles files) {
      files.draw(name, figure.get());
    }
  }

  private Figure matches(FilterBank before, FilterBank after) {
    return MatchedFilters.of(before, after)
        .withDetail("A: " + named().get(0))
        .withDetail("B: " + named().get(1))
        .draw();
  }

  private Figure mosaic(FilterBank before, FilterBank after) {
    return FilterMosaic.of("Filters of " + before.layer())
        .withDetail("A: " + named().get(0))
        .withDetail("B: " + named().get(1))
        .withFilters("A", kernels(before))
        .withFilters("B", kernels(after))
        .draw();
  }

  private List<String> named() {
    return Names.apart(a.provenance().origin(), b.provenance().origin());
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
