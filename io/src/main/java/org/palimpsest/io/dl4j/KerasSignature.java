package org.palimpsest.io.dl4j;

import io.jhdf.HdfFile;
import java.nio.file.Path;

/** Tells networks of Keras from other HDF5 files. */
public final class KerasSignature {

  private KerasSignature() {}

  /** Whether an HDF5 file has the mark of {@code model.save} or {@code model.save_weights}. */
  public static boolean isIn(Path file) {
    try (HdfFile hdf = new HdfFile(file)) {
      return hdf.getChildren().containsKey(KerasFile.WEIGHTS)
          || hdf.getAttribute("layer_names") != null;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError damaged) {
      return false;
    }
  }
}
