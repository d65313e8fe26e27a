package org.palimpsest.core.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.internal.engine.PreparedStore;
import org.palimpsest.core.measure.Prepared.Spill;

/**
 * What prepared layers may take.
 *
 * @param bytes of both networks
 * @param store holds both
 */
record LayerMemory(long bytes, Supplier<PreparedStore> store) {

  /** Rows stay where they are while columns come and go. */
  private static final double ROWS = 0.6;

  private static final double COLUMNS = 0.2;

  static LayerMemory unlimited() {
    return new LayerMemory(Long.MAX_VALUE, PreparedStore::inMemory);
  }

  static LayerMemory of(long bytes, Spill spill) {
    PreparedStore shared =
        PreparedStore.spilling(
            (long) ((ROWS + COLUMNS) * bytes), spill, OffHeapGarbage.within(bytes));
    return new LayerMemory(bytes, () -> shared);
  }

  boolean isLimited() {
    return bytes < Long.MAX_VALUE;
  }

  /** Successive layers that fit together into a share of it, or one that does not. */
  private List<List<String>> groups(
      List<String> layers, double share, ToLongFunction<String> size) {
    List<List<String>> groups = new ArrayList<>();
    long held = 0;
    for (String layer : layers) {
      long more = size.applyAsLong(layer);
      if (groups.isEmpty() || held + more > share * bytes) {
        groups.add(new ArrayList<>());
        held = 0;
      }
      groups.get(groups.size() - 1).add(layer);
      held += more;
    }
    return groups;
  }

  /** The same pairs in groups of layers that may be held together. */
  Stream<Meeting> fitting(
      Meeting meeting, ToLongFunction<String> ofRow, ToLongFunction<String> ofColumn) {
    return groups(meeting.rows(), ROWS, ofRow).stream()
        .flatMap(
            rows ->
                groups(meeting.columns(), COLUMNS, ofColumn).stream()
                    .map(columns -> new Meeting(rows, columns, meeting.grid())));
  }
}
