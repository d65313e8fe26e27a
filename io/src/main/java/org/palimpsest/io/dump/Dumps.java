package org.palimpsest.io.dump;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.safetensors.SafetensorsFile;
import org.palimpsest.io.npy.NpyActivations;
import org.palimpsest.io.npy.NpzActivations;

/** Opens activations that were written to files, whatever wrote them. */
public final class Dumps {

  private Dumps() {}

  /** Whether {@link #open} opens files of this kind. */
  public static boolean opens(FileKind kind) {
    return switch (kind) {
      case NPY, NPZ, SAFETENSORS, HDF5, FOLDER -> true;
      default -> false;
    };
  }

  /**
   * Opens activations. A layer's values are read when it is asked for.
   *
   * @param file an NPY (one layer, named after the file), NPZ, safetensors or HDF5 file (a layer
   *     per array, by its name or path), or a folder of NPY files (a layer per file, by name)
   * @throws PalimpsestException if it is anything else, saying what, or damaged
   */
  public static ActivationSet open(Path file) {
    FileKind kind = FileKind.of(file);
    return switch (kind) {
      case NPY -> NpyActivations.open(file);
      case NPZ -> NpzActivations.open(file);
      case SAFETENSORS -> safetensors(file);
      case HDF5 -> Hdf5Activations.open(file);
      case FOLDER -> NpyFolder.open(file);
      default ->
          throw new PalimpsestException(
              "%s is %s, which holds no activations. It can be used %s."
                  .formatted(file, kind.describe(file), kind.use()));
    };
  }

  /**
   * What an HDF5 file holds, unread.
   *
   * @throws PalimpsestException if it holds none, or is damaged
   */
  public static Hdf5Listing hdf5(Path file) {
    return Hdf5Activations.listing(file);
  }

  private static ActivationSet safetensors(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    SafetensorsFile tensors = SafetensorsFile.open(file);
    LateProvenance origin =
        new LateProvenance(() -> new Provenance(file.toString(), watched.sha256(), List.of()));
    return new LayersOnDisk(
        InputFiles.name(file), origin, tensors.names(), tensors::read, layer -> watched);
  }
}
