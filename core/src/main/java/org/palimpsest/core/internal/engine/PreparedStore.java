package org.palimpsest.core.internal.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Representation;

/**
 * Prepares layers of networks, each once for each grid and each kind of preparation, and holds them
 * within a bound of memory; those used least lately are spilled. A layer that cannot be prepared is
 * remembered with the reason.
 *
 * <p>Safe to use from several threads; layers are prepared by one at a time.
 */
public final class PreparedStore {

  /**
   * A layer on a grid, prepared in one way.
   *
   * @param network which network, such as the hash of its checkpoint's content
   * @param layer its path
   * @param grid the grid to which its feature maps were brought
   * @param preparation what is made of it
   */
  public record Key(String network, String layer, Grid grid, Preparation<?> preparation) {}

  /** Where prepared layers lie for other processes too, and what each is called there. */
  private record Shared(PreparedShelf shelf, Function<Key, String> naming) {

    boolean holds(Key key) {
      return shelf.holds(naming.apply(key));
    }

    /** Who asks knows that it was put there, or why it could not be. */
    Key requireThere(Key key) {
      if (!holds(key)) {
        throw new PalimpsestException(
            "Layer %s was prepared and cannot be found: was it removed, or does this machine not see what others write? Give the command again, with a folder that all machines see."
                .formatted(key.layer()));
      }
      return key;
    }

    void putFailure(Key key, PalimpsestException failure) {
      shelf.putFailure(naming.apply(key), String.valueOf(failure.getMessage()));
    }

    <P extends Prepared> Entry<P> put(Key key, Preparation<P> preparation, P prepared) {
      PreparedFormat<P> format = formatOf(preparation);
      shelf.put(naming.apply(key), prepared, format);
      return lyingThere(prepared, format);
    }

    <P extends Prepared> Entry<P> get(Key key, Preparation<P> preparation) {
      String name = naming.apply(key);
      Optional<String> failure = guarded(() -> shelf.failure(name));
      if (failure.isPresent()) {
        throw new PalimpsestException(failure.get());
      }
      PreparedFormat<P> format = formatOf(preparation);
      return lyingThere(guarded(() -> shelf.get(name, format)), format);
    }

    /** It need not be put away when it leaves; whoever wants it again asks the shelf. */
    private static <P extends Prepared> Entry<P> lyingThere(P prepared, PreparedFormat<P> format) {
      Entry<P> entry = new Entry<>(prepared, Optional.of(format));
      entry.spilled = ON_SHELF;
      return entry;
    }

    private static <P extends Prepared> PreparedFormat<P> formatOf(Preparation<P> preparation) {
      return preparation
          .format()
          .orElseThrow(
              () ->
                  new PalimpsestException(
                      "What %s prepares cannot be written, so that other processes cannot have it. Leave the measure out, or compare in one process."
                          .formatted(preparation)));
    }
  }

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
  private static final int ON_SHELF = -2;

  private final long bound;
  private final Spill spill;
  private final Optional<Shared> shared;
  private final OffHeapGarbage garbage;
  private final Map<Key, Entry<?>> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Key, PalimpsestException> failures = new HashMap<>();
  private long bytesHeld;
  private long largest;

  private PreparedStore(long bound, Spill spill, Optional<Shared> shared, OffHeapGarbage garbage) {
    this.bound = bound;
    this.spill = spill;
    this.shared = shared;
    this.garbage = garbage;
  }

  /**
   * A store that spills.
   *
   * @param bound the most bytes that prepared layers may take in memory; those in use are always
   *     held, and so is what has no {@link PreparedFormat}
   * @param spill where the others go
   * @param garbage hears of what is let go
   */
  public static PreparedStore spilling(long bound, Spill spill, OffHeapGarbage garbage) {
    return new PreparedStore(
        spill.isThere() ? bound : Long.MAX_VALUE, spill, Optional.empty(), garbage);
  }

  /**
   * A store whose layers lie on a shelf, where other processes find them; what they put there is
   * found here.
   *
   * @param bound the most bytes that prepared layers may take in memory; those in use are always
   *     held
   * @param shelf where all lie
   * @param naming what a layer is called there, by all processes alike
   * @param garbage hears of what is let go
   */
  public static PreparedStore sharing(
      long bound, PreparedShelf shelf, Function<Key, String> naming, OffHeapGarbage garbage) {
    return new PreparedStore(bound, Spill.none(), Optional.of(new Shared(shelf, naming)), garbage);
  }

  /** A store that holds everything. */
  public static PreparedStore inMemory() {
    return spilling(Long.MAX_VALUE, Spill.none(), OffHeapGarbage.within(Long.MAX_VALUE));
  }

  /** Whether nothing is left to prepare there: it is held, was spilled, or cannot be prepared. */
  public synchronized boolean isSettled(Key key) {
    return entries.containsKey(key)
        || failures.containsKey(key)
        || shared.map(others -> others.holds(key)).orElse(false);
  }

  /**
   * Prepares one layer on some grids in every way asked for, as far as that was not done before,
   * reading its activations once. What fails is told where it is {@linkplain #get asked for}.
   *
   * @param network what to call the network in keys
   * @param matrices its layers
   * @param layer the layer's path
   * @param grids on which it is wanted
   * @param preparations in which ways it is wanted
   */
  public void prepare(
      String network,
      LayerMatrices matrices,
      String layer,
      Collection<Grid> grids,
      List<? extends Preparation<?>> preparations) {
    Set<Grid> missing = new LinkedHashSet<>();
    for (Grid grid : grids) {
      if (!missing(network, layer, grid, preparations).isEmpty()) {
        missing.add(grid);
      }
    }
    while (!missing.isEmpty()) {
      try {
        matrices.onEach(
            layer,
            List.copyOf(missing),
            (grid, representation) -> {
              missing(network, layer, grid, preparations)
                  .forEach(key -> prepare(key, matrices, representation));
              garbage.leave(representation.samples() * representation.features() * Float.BYTES);
              missing.remove(grid);
            });
      } catch (PalimpsestException failure) {
        PalimpsestException told = FailureOf.network(matrices, layer, failure);
        Grid failed = missing.iterator().next();
        missing(network, layer, failed, preparations).forEach(key -> fail(key, told));
        missing.remove(failed);
      }
    }
  }

  private List<Key> missing(
      String network, String layer, Grid grid, List<? extends Preparation<?>> preparations) {
    return preparations.stream()
        .map(preparation -> new Key(network, layer, grid, preparation))
        .filter(key -> !isSettled(key))
        .toList();
  }

  private void prepare(Key key, LayerMatrices matrices, Representation representation) {
    try {
      put(key, key.preparation().prepare(representation));
    } catch (PalimpsestException failure) {
      fail(key, FailureOf.network(matrices, key.layer(), failure));
    }
  }

  private synchronized void fail(Key key, PalimpsestException failure) {
    guarded(
        () -> {
          shared.ifPresent(others -> others.putFailure(key, failure));
          return shared;
        });
    failures.put(key, failure);
  }

  private synchronized void put(Key key, Prepared prepared) {
    hold(key, guarded(() -> entry(key, key.preparation(), prepared)));
  }

  private void hold(Key key, Entry<?> entry) {
    entries.put(key, entry);
    bytesHeld += entry.bytes;
    largest = Math.max(largest, entry.bytes);
    shrink(entry);
  }

  @SuppressWarnings("unchecked") // it is what the preparation made
  private <P extends Prepared> Entry<P> entry(
      Key key, Preparation<P> preparation, Prepared prepared) {
    P made = (P) prepared;
    return shared
        .map(others -> others.put(key, preparation, made))
        .orElseGet(() -> new Entry<>(made, preparation.format()));
  }

  /**
   * A prepared layer.
   *
   * @throws PalimpsestException if it could not be prepared
   * @throws StorageFailure if it was put away and cannot be read again
   */
  public synchronized Prepared get(Key key) {
    PalimpsestException failure = failures.get(key);
    if (failure != null) {
      throw failure;
    }
    Entry<?> entry = entries.get(key);
    if (entry == null) {
      return fetched(key, shared.orElseThrow(() -> new PalimpsestException("not prepared")));
    }
    Prepared held = entry.held;
    if (held == null) {
      held = guarded(() -> entry.comeBack(spill));
      bytesHeld += entry.bytes;
      shrink(entry);
    }
    return held;
  }

  private Prepared fetched(Key key, Shared others) {
    guarded(() -> others.requireThere(key));
    Entry<?> entry = others.get(key, key.preparation());
    hold(key, entry);
    return Objects.requireNonNull(entry.held);
  }

  /** How many bytes a layer takes in memory; none if it could not be prepared. */
  public synchronized long bytes(Key key) {
    Entry<?> entry = entries.get(key);
    return entry == null ? 0 : entry.bytes;
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
  public synchronized int threadsWithinBound(int most) {
    return largest == 0 ? most : (int) Math.max(1, Math.min(most, bound / 4 / largest));
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
        if (entry.spilled == ON_SHELF) {
          oldestFirst.remove();
        }
      }
    }
  }
}
