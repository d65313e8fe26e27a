package org.palimpsest.similarity.internal.linalg;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;
import org.palimpsest.core.internal.engine.Workers;
import org.palimpsest.core.internal.natives.NativeLoading;

/**
 * Who uses the cores: one product at a time, whose panels are shared among them, or several tasks
 * side by side, each on one core, be they tasks of one product or what several {@linkplain Workers
 * workers} compare. BLAS keeps to the core it was called on in either case: the last digits of its
 * own sharing depend on how many threads it has.
 */
public final class Cores {

  /** Held for writing by who has all cores, for reading by workers that keep to their own. */
  private static final ReadWriteLock TURN = new ReentrantReadWriteLock();

  private static final ThreadLocal<Boolean> SIDE_BY_SIDE = ThreadLocal.withInitial(() -> false);

  private Cores() {}

  /** Computes something with BLAS when no other thread does; in a task, at once. */
  static <T> T exclusively(Supplier<T> work) {
    if (SIDE_BY_SIDE.get()) {
      return work.get();
    }
    if (Workers.isCurrent()) {
      return onThisCore(work);
    }
    return during(TURN.writeLock(), work);
  }

  private static <T> T onThisCore(Supplier<T> work) {
    SIDE_BY_SIDE.set(true);
    try {
      return during(TURN.readLock(), work);
    } finally {
      SIDE_BY_SIDE.remove();
    }
  }

  private static <T> T during(Lock turn, Supplier<T> work) {
    turn.lock();
    try {
      return Blas.isNative() ? BlasThreads.oneDuring(work) : work.get();
    } finally {
      turn.unlock();
    }
  }

  /** Does something with successive ranges that do not depend on the number of cores. */
  static void panels(int length, int width, Panel work) {
    int count = (length + width - 1) / width;
    IntStream all = IntStream.range(0, count);
    boolean isAlone = count == 1 || SIDE_BY_SIDE.get() || Workers.isCurrent();
    IntStream shared = isAlone ? all : all.parallel();
    shared.forEach(i -> work.on(i * width, Math.min(length, (i + 1) * width)));
  }

  /** Does something with [from, to). */
  @FunctionalInterface
  interface Panel {
    void on(int from, int to);
  }

  /**
   * Runs the tasks 0 to count - 1 on all cores, each as soon as a core is free, and returns when
   * all are done. If some fail, the first of those throws.
   */
  public static void sideBySide(int count, IntConsumer task) {
    if (SIDE_BY_SIDE.get()) {
      IntStream.range(0, count).forEach(task);
      return;
    }
    exclusively(
        () -> {
          if (count == 1) {
            task.accept(0);
          } else {
            new Tasks(count, task).run();
          }
          return count;
        });
  }

  /** An entry of a table. */
  @FunctionalInterface
  public interface Entry<T> {
    T at(int row, int column);
  }

  /** A table whose entries are computed side by side, row after row. */
  public static <T> List<List<T>> table(int rows, int columns, Entry<T> entry) {
    List<AtomicReference<T>> entries =
        Stream.generate(AtomicReference<T>::new).limit((long) rows * columns).toList();
    sideBySide(entries.size(), i -> entries.get(i).set(entry.at(i / columns, i % columns)));
    return IntStream.range(0, rows)
        .mapToObj(i -> entries.subList(i * columns, (i + 1) * columns))
        .map(row -> row.stream().map(AtomicReference::get).toList())
        .toList();
  }

  /** Tasks that are taken one after the other by as many workers as there are cores. */
  private static final class Tasks {

    private final int count;
    private final IntConsumer task;
    private final AtomicInteger next = new AtomicInteger();
    private final ConcurrentSkipListMap<Integer, RuntimeException> failures =
        new ConcurrentSkipListMap<>();

    Tasks(int count, IntConsumer task) {
      this.count = count;
      this.task = task;
    }

    void run() {
      int workers = Math.min(count, ForkJoinPool.getCommonPoolParallelism() + 1);
      IntStream.range(0, workers).parallel().forEach(worker -> work());
      if (!failures.isEmpty()) {
        throw failures.firstEntry().getValue();
      }
    }

    private void work() {
      SIDE_BY_SIDE.set(true);
      try {
        for (int i = next.getAndIncrement();
            i < count && failures.isEmpty();
            i = next.getAndIncrement()) {
          attempt(i);
        }
      } finally {
        SIDE_BY_SIDE.remove();
      }
    }

    private void attempt(int index) {
      try {
        task.accept(index);
      } catch (RuntimeException failure) {
        failures.put(index, failure);
      }
    }
  }

  /**
   * On how many threads the native library computes a product. It is told directly: the usual way
   * asks each time for functions that other libraries would have, which takes half a millisecond.
   */
  private static final class BlasThreads {

    private static final Optional<Setter> DIRECTLY = NativeLoading.alone(BlasThreads::find);

    private static int users;
    private static int usual;

    private static final class Setter extends openblas_nolapack.SetNumThreads {

      Setter(Pointer function) {
        put(function);
      }
    }

    private BlasThreads() {}

    /** None where the functions are MKL's, or are not to be found by name. */
    private static Optional<Setter> find() {
      Loader.load(openblas.class);
      boolean isMkl = Loader.addressof("MKL_Set_Num_Threads") != null;
      return Optional.ofNullable(isMkl ? null : Loader.addressof("openblas_set_num_threads"))
          .map(Setter::new);
    }

    /** Does something while products keep to the thread they were called on. */
    static <T> T oneDuring(Supplier<T> work) {
      begin();
      try {
        return work.get();
      } finally {
        end();
      }
    }

    private static synchronized void begin() {
      if (users == 0) {
        usual = openblas.blas_get_num_threads();
        if (usual != 1) {
          use(1);
        }
      }
      users++;
    }

    private static synchronized void end() {
      users--;
      if (users == 0 && usual != 1) {
        use(usual);
      }
    }

    private static void use(int threads) {
      DIRECTLY.ifPresentOrElse(
          setter -> setter.call(threads), () -> openblas.blas_set_num_threads(threads));
    }
  }
}
