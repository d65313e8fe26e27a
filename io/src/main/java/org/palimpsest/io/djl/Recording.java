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
 * @param tensors the tensors, or what {@link Trial.Glimpse} is made of where all layers were
 *     discovered
 * @param changed whether the network changed its own state
 */
record Recording(List<String> names, List<long[]> shapes, List<NDArray> tensors, boolean changed) {

  /** Empty lines are of what a hook changed afterwards, and so are the tensors beside them. */
  static Recording of(String text, List<? extends NDArray> tensors, boolean changed) {
    List<String> names = new ArrayList<>();
    List<long[]> shapes = new ArrayList<>();
    List<NDArray> kept = new ArrayList<>();
    String[] lines = text.split("\n", -1);
    if (!tensors.isEmpty() && tensors.size() != lines.length) {
      throw new PalimpsestException(
          "%s layers were recorded under %s names: a name in this network holds a line break."
              .formatted(tensors.size(), lines.length));
    }
    for (int i = 0; i < lines.length; i++) {
      int tab = lines[i].lastIndexOf('\t');
      if (tab >= 0) {
        names.add(lines[i].substring(0, tab));
        shapes.add(shape(lines[i].substring(tab + 1)));
        if (!tensors.isEmpty()) {
          kept.add(tensors.get(i));
        }
      }
    }
    return new Recording(names, shapes, kept, changed);
  }

  private static long[] shape(String text) {
    return Arrays.stream(text.replaceAll("[\\[\\] ]", "").split(","))
        .filter(extent -> !extent.isEmpty())
        .mapToLong(Long::parseLong)
        .toArray();
  }
}
