package org.palimpsest.core.evolution;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Grid;

/**
 * Holds prepared layers within a bound of memory; those used least lately are spilled. Safe to use
 * from several threads.
 */
final class PreparedStore {

  record Key(String hash, String layer, Grid grid, Preparation<?> preparation) {}

  private static final class Entry<P extends Prepared> {
    private final Optional<PreparedFormat<P>> format;
    private final long bytes;
    private @Nullable P held;
    private int spilled = NOWHERE;

    Entry(P held, Optional<PreparedFormat<P>> format) {
      this.held = held;
      this.format = format;
      this.bytes = held.bytes();
    }

    boolean canLeave() {
      return held != null && format.isPresent();
    }

    void leave(Spill spill) {
      P leaving = held;
      if (leaving != null && spilled == NOWHERE) {
        spilled = spill.write(leaving, format.orElseThrow());
      }
      held = null;
    }

    P comeBack(Spill spill) {
      P back = spill.read(spilled, format.orElseThrow());
      held = back;
      return back;
    }
  }

  private static final int NOWHERE = -1;

  private final long bound;
  private final Spill spill;
  private final OffHeapGarbage garbage;
  private final Map<Key, Entry<?>> entries = new LinkedHashMap<>(16, 0.75f, true);
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
    Entry<?> entry = entry(key.preparation(), prepared);
    entries.put(key, entry);
    bytesHeld += entry.bytes;
    largest = Math.max(largest, entry.bytes);
    shrink(entry);
  }

  @SuppressWarnings("unchecked") // it is what the preparation made
  private static <P extends Prepared> Entry<P> entry(
      Preparation<P> preparation, Prepared prepared) {
    return new Entry<>((P) prepared, preparation.format());
  }

  synchronized Optional<Prepared> get(Key key) {
    Entry<?> entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    Prepared held = entry.held;
    if (held == null) {
      held = guarded(() -> entry.comeBack(spill));
      bytesHeld += entry.bytes;
      shrink(entry);
    }
    return Optional.of(held);
  }

  /** A disk that fails is no fault of the layer that is put there. */
  private static <T> T guarded(Supplier<T> work) {
    try {
      return work.get();
    } catch (PalimpsestException failure) {
      throw new StorageFailure(failure);
    }
  }

  /** How many threads may each hold two layers without going far beyond the bound, at least one. */
  synchronized int threadsWithinBound(int most) {
    return largest == 0 ? most : (int) Math.max(1, Math.min(most, bound / (4 * largest)));
  }

  private void shrink(Entry<?> inUse) {
    Iterator<Entry<?>> oldestFirst = entries.values().iterator();
    while (bytesHeld > bound && oldestFirst.hasNext()) {
      Entry<?> entry = oldestFirst.next();
      if (entry != inUse && entry.canLeave()) {
        guarded(
            () -> {
              entry.leave(spill);
              return entry;
            });
        bytesHeld -= entry.bytes;
        garbage.leave(entry.bytes);
      }
    }
  }
}
