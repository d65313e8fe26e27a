package org.palimpsest.cli;

import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.internal.weights.StateDictNames;

/** Makes sure that a prefix to be taken off names was taken off those of one file at least. */
final class PrefixUse {

  private PrefixUse() {}

  /** The prefixes that none of these took off, but for those that are taken off by themselves. */
  static List<String> unused(List<String> prefixes, List<Provenance> files) {
    return prefixes.stream()
        .filter(prefix -> !StateDictNames.isWrapper(prefix))
        .filter(
            prefix ->
                files.stream()
                    .noneMatch(file -> file.notes().contains(StateDictNames.takenOff(prefix))))
        .toList();
  }

  /**
   * @throws PalimpsestException if a prefix is of no use
   */
  static void require(List<String> prefixes, List<Provenance> files) {
    List<String> unused = unused(prefixes, files);
    if (!unused.isEmpty()) {
      throw new PalimpsestException(
          "--without-prefix %s: not all names of %s begin so, or it is no state dict."
              .formatted(
                  unused.get(0),
                  String.join(" or ", files.stream().map(Provenance::origin).distinct().toList())));
    }
  }
}
