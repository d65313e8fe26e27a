package org.palimpsest.core;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.natives.NativeLoading;
import org.slf4j.LoggerFactory;

/**
 * The ND4J backend, which the user of the library chooses by a dependency: tensors are its. The
 * first tensor loads native libraries, which takes some tenths of a second and fails with an error
 * of the class loader where they are missing; this class says in one message which artifact to add.
 */
public final class Backend {

  private static final String ADVICE =
      "No working ND4J backend on the class path. Add one, for a CPU"
          + " org.nd4j:nd4j-native:1.0.0-M2.1 together with its natives: the same artifact with the"
          + " classifier of your platform (linux-x86_64, linux-arm64, macosx-arm64,"
          + " windows-x86_64), and org.bytedeco:openblas:0.3.30-1.5.12 and"
          + " org.bytedeco:javacpp:1.5.12 with that classifier.";

  /** What a class failed of is told once only, to the thread that came first. */
  private static final AtomicReference<@Nullable Throwable> FIRST = new AtomicReference<>();

  private static volatile boolean isLoaded;

  private Backend() {}

  /**
   * Makes sure that tensors can be made. Cheap after the first call.
   *
   * @throws PalimpsestException if there is no backend or its natives do not load, naming the
   *     artifact to add
   */
  public static void require() {
    if (isLoaded) {
      return;
    }
    try {
      NativeLoading.alone(Nd4j::getBackend);
      isLoaded = true;
    } catch (LinkageError | OutOfMemoryError failure) {
      FIRST.compareAndSet(null, failure);
      Throwable root = rootOf(Objects.requireNonNullElse(FIRST.get(), failure));
      if (root instanceof OutOfMemoryError memory) {
        throw memory;
      }
      throw new PalimpsestException(ADVICE + " (" + root + ")", failure);
    }
  }

  /**
   * Begins to load it in a thread of its own, while the caller does something else for which no
   * tensors are needed. {@link #require()} reports what goes wrong.
   */
  public static void loadAhead() {
    LoggerFactory.getILoggerFactory(); // two threads that log at first would have it complain
    Thread loading =
        new Thread(
            () -> {
              try {
                require();
              } catch (PalimpsestException | OutOfMemoryError toldWhenItIsNeeded) {
                // here nobody waits for it
              }
            },
            "palimpsest-backend");
    loading.setDaemon(true);
    loading.start();
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
