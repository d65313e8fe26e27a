package org.palimpsest.core.internal.natives;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Loads native libraries in one thread at a time.
 *
 * <p>While ND4J starts, JavaCPP looks for functions: it goes through the loaded libraries by {@code
 * dl_iterate_phdr} and calls {@code dlopen} within. The C library of Linux takes its two locks in
 * the opposite order where another thread opens a library meanwhile, and then both wait for ever.
 * So whatever opens libraries beside ND4J (libtorch, ONNX Runtime, what JNA opens) does it here.
 */
public final class NativeLoading {

  private static final ReentrantLock LOCK = new ReentrantLock();

  private NativeLoading() {}

  /**
   * Loads while no other thread does; a load within a load is part of it.
   *
   * @return what the loading gives
   */
  public static <T> T alone(Supplier<T> load) {
    LOCK.lock();
    try {
      return load.get();
    } finally {
      LOCK.unlock();
    }
  }
}
