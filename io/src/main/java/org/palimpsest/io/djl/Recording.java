package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;

/**
 * What a run recorded.
 *
 * @param names recorded names, in the order in which the layers ran
 * @param shapes the shape of each layer's tensor
 * @param tensors the tensors, unless only names and shapes were asked for
 */
record Recording(List<String> names, List<long[]> shapes, List<NDArray> tensors) {

  static Recording of(String lines, List<? extends NDArray> tensors) {
    List<String> names = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    for (String line : lines.split("\n")) {
      int tab = line.lastIndexOf('\t');
      if (tab >= 0) {
        names.add(line.substring(0, tab));
        shapes.add(shape(line.substring(tab + 1)));
      }
    }
    if (!tensors.isEmpty() && tensors.size() != names.size()) {
      throw new PalimpsestException(
          "%d layers were recorded under %d names: a name in this network holds a line break."
              .formatted(tensors.size(), names.size()));
    }
    return new Recording(names, shapes, List.copyOf(tensors));
  }

  private static long[] shape(String text) {
    return Arrays.stream(text.replaceAll("[\\[\\] ]", "").split(","))
        .filter(extent -> !extent.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
