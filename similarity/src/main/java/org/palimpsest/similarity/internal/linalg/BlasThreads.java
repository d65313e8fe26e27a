package org.palimpsest.similarity.internal.linalg;

import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.openblas.presets.openblas_nolapack;

/**
 * On how many threads the native library computes a product. It is told directly: the usual way
 * asks each time for functions that other libraries would have, which takes half a millisecond.
 */
final class BlasThreads {

  private static final Optional<Setter> DIRECTLY = find();

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
    int usual = openblas.blas_get_num_threads();
    if (usual == 1) {
      return work.get();
    }
    use(1);
    try {
      return work.get();
    } finally {
      use(usual);
    }
  }

  private static void use(int threads) {
    DIRECTLY.ifPresentOrElse(
        setter -> setter.call(threads), () -> openblas.blas_set_num_threads(threads));
  }
}
