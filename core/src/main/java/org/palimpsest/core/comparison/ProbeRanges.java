package org.palimpsest.core.comparison;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.palimpsest.core.PalimpsestException;

/** Which of some probes were shown: ranges that neither touch nor overlap. */
final class ProbeRanges {

  private final long all;
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  ProbeRanges(long all) {
    this.all = all;
  }

  /** The first of each range, and the index after its last. */
  SortedMap<Long, Long> ranges() {
    return Collections.unmodifiableSortedMap(ranges);
  }

  long count() {
    return ranges.entrySet().stream().mapToLong(one -> one.getValue() - one.getKey()).sum();
  }

  /**
   * Looks, and changes nothing.
   *
   * @throws PalimpsestException if there are no such probes, or one of them was shown
   */
  void requireNew(long from, long to) {
    if (from < 0 || from >= to || to > all) {
      throw new PalimpsestException(
          "There are no probes from %s to %s, of %s.".formatted(from, to, all));
    }
    Map.Entry<Long, Long> before = ranges.lowerEntry(to);
    if (before != null && before.getValue() > from) {
      throw new PalimpsestException(
          "Probes from %s to %s were shown already, among those from %s to %s. Show each once."
              .formatted(from, to, before.getKey(), before.getValue()));
    }
  }

  /** Adds what {@link #requireNew} let pass. */
  void add(long from, long to) {
    requireNew(from, to);
    Map.Entry<Long, Long> before = ranges.lowerEntry(to);
    Long start = before != null && before.getValue() == from ? before.getKey() : Long.valueOf(from);
    Long next = ranges.remove(to);
    ranges.put(start, next == null ? Long.valueOf(to) : next);
  }
}
