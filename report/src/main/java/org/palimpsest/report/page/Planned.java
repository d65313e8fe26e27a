package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.palimpsest.internal.file.FileNames;
import org.palimpsest.report.plot.Figure;

/**
 * A picture that is still to be drawn.
 *
 * @param name what its files are called, without an ending
 */
record Planned(String name, Supplier<Figure> figure) {

  /** Of words from a study what any file system takes, joined. */
  static String fileName(String... words) {
    return FileNames.plain(String.join("_", words));
  }

  /** The same pictures; of several with one name the later ones get numbers. */
  static List<Planned> withNamesOfTheirOwn(List<Planned> pictures) {
    List<String> names = FileNames.distinct(pictures.stream().map(Planned::name).toList());
    List<Planned> renamed = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      renamed.add(new Planned(names.get(i), pictures.get(i).figure()));
    }
    return renamed;
  }
}
