package org.palimpsest.core.evolution;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.representation.Grid;

/**
 * Holds prepared layers within a bound of memory; those used least lately are spilled. Safe to use
 * from several threads.
 */
final class PreparedStore {

  record Key(String hash, String layer, Grid grid, Preparation<?> preparation) {}

  private static final class Entry {
    private final long bytes;
    private @Nullable Prepared held;
    private int spilled = NOWHERE;

    Entry(Prepared held) {
      this.held = held;
      this.bytes = held.bytes();
    }
  }

  private static final int NOWHERE = -1;

  private final long bound;
  private final Spill spill;
  private final OffHeapGarbage garbage;
  private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytesHeld;
  private long largest;

  /**
   * @param bound the most bytes that prepared layers may take in memory; those in use are always
   *     held
   * @param garbage hears of what is let go
   */
  PreparedStore(long bound, Spill spill, OffHeapGarbage garbage) {
    this.bound = bound;
    this.spill = spill;
    this.garbage = garbage;
  }

  synchronized boolean contains(Key key) {
    return entries.containsKey(key);
  }

  synchronized void put(Key key, Prepared prepared) {
    Entry entry = new Entry(prepared);
    entries.put(key, entry);
    bytesHeld += entry.bytes;
    largest = Math.max(largest, entry.bytes);
    shrink(entry);
  }

  synchronized Optional<Prepared> get(Key key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    Prepared held = entry.held;
    if (held == null) {
      held = read(entry.spilled);
      entry.held = held;
      bytesHeld += entry.bytes;
      shrink(entry);
    }
    return Optional.of(held);
  }

  private Prepared read(int spilled) {
    try {
      return (Prepared) spill.read(spilled);
    } catch (PalimpsestException failure) {
      throw new StorageFailure(failure);
    }
  }

  private int write(Prepared held) {
    try {
      return spill.write(held);
    } catch (PalimpsestException failure) {
      throw new StorageFailure(failure);
    }
  }

  /** How many threads may each hold two layers without going far beyond the bound, at least one. */
  synchronized int threadsWithinBound(int most) {
    return largest == 0 ? most : (int) Math.max(1, Math.min(most, bound / (4 * largest)));
  }

  private void shrink(Entry inUse) {
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (bytesHeld > bound && oldestFirst.hasNext()) {
      Entry entry = oldestFirst.next();
      Prepared held = entry.held;
      if (entry != inUse && held != null) {
        if (entry.spilled == NOWHERE) {
          entry.spilled = write(held);
        }
        entry.held = null;
        bytesHeld -= entry.bytes;
        garbage.leave(entry.bytes);
      }
    }
  }
}
