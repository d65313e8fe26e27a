package org.palimpsest.io.dump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.dump.Hdf5Listing;
import org.palimpsest.io.internal.dump.LayersOnDisk;
import org.palimpsest.io.internal.safetensors.SafetensorsFile;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpzActivations;

/**
 * Opens activations that were written to files, whatever wrote them: NumPy, PyTorch with
 * safetensors, h5py, MATLAB, or {@code palimpsest capture}.
 *
 * <p>Each array is a layer, and its first dimension is that of the probes. Names, types and shapes
 * are read at once, values when a layer is asked for; a file that changes in between is an error.
 * Only NPZ files of this library tell of which probes the activations are; with those of others the
 * {@linkplain ActivationSet#probes() fingerprint} is unknown, and that two files come from the same
 * probes in the same order is for the caller to know.
 */
public final class Dumps {

  private Dumps() {}

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
      case NPY -> npy(file);
      case NPZ -> NpzActivations.open(file);
      case SAFETENSORS -> safetensors(file);
      case HDF5 -> Hdf5Listing.open(file);
      case FOLDER -> NpyFolder.open(file);
      default ->
          throw new PalimpsestException(
              "%s is %s, which holds no activations. It can be used %s."
                  .formatted(file, kind.describe(file), kind.use()));
    };
  }

  private static ActivationSet npy(Path file) {
    NpyFile.header(file).requireRoom(file.toString());
    UnchangedFile watched = UnchangedFile.since(file);
    LateProvenance origin =
        new LateProvenance(() -> new Provenance(file.toString(), watched.sha256(), List.of()));
    List<String> layers = List.of(InputFiles.nameWithout(".npy", file));
    return new LayersOnDisk(
        InputFiles.name(file), origin, layers, layer -> NpyFile.read(file), layer -> watched);
  }

  private static ActivationSet safetensors(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    SafetensorsFile tensors = SafetensorsFile.open(file);
    LateProvenance origin =
        new LateProvenance(() -> new Provenance(file.toString(), watched.sha256(), List.of()));
    return new LayersOnDisk(
        InputFiles.name(file), origin, tensors.names(), tensors::read, layer -> watched);
  }

  /** A folder of NPY files: one layer per file, named after it, in the order of the names. */
  private static final class NpyFolder {

    private static final char UNREADABLE_CHARACTER = '\ufffd';
    private static final String ENDING = ".npy";

    private NpyFolder() {}

    static ActivationSet open(Path folder) {
      Map<String, Path> files = new LinkedHashMap<>();
      for (Path file : sorted(folder)) {
        requireArray(file);
        files.put(InputFiles.nameWithout(ENDING, file), file);
      }
      if (files.isEmpty()) {
        boolean ofNnUnet =
            Files.isRegularFile(folder.resolve("plans.json"))
                && Files.isRegularFile(folder.resolve("dataset.json"));
        throw new PalimpsestException(
            ofNnUnet
                ? folder
                    + " is a results folder of nnU-Net without checkpoint_final.pth, checkpoint_best.pth or checkpoint_latest.pth in a folder fold_N. Give the checkpoint itself."
                : folder + " holds no .npy file.");
      }
      files.values().forEach(NpyFile::header);
      Map<String, UnchangedFile> watched = new LinkedHashMap<>();
      files.forEach((layer, file) -> watched.put(layer, UnchangedFile.since(file)));
      LateProvenance origin =
          new LateProvenance(
              () -> new Provenance(folder.toString(), hash(files, watched), notes(folder)));
      List<String> layers = List.copyOf(files.keySet());
      return new LayersOnDisk(
          InputFiles.name(folder),
          origin,
          layers,
          layer -> NpyFile.read(files.getOrDefault(layer, folder)),
          layer -> Objects.requireNonNull(watched.get(layer)));
    }

    private static List<Path> sorted(Path folder) {
      try (Stream<Path> files = Files.list(folder)) {
        return files.filter(NpyFolder::isNamedLikeAnArray).sorted().toList();
      } catch (IOException failure) {
        throw InputFiles.unreadable(folder, failure);
      }
    }

    /** As the shell's {@code *.npy}. */
    private static boolean isNamedLikeAnArray(Path file) {
      String name = InputFiles.name(file);
      return name.endsWith(ENDING) && !name.startsWith(".");
    }

    private static List<String> notes(Path folder) {
      try (Stream<Path> files = Files.list(folder)) {
        String others =
            files
                .filter(file -> !isNamedLikeAnArray(file) && Files.isRegularFile(file))
                .filter(file -> FileKind.of(file) == FileKind.NPY)
                .map(InputFiles::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return others.isEmpty()
            ? List.of()
            : List.of(
                "arrays whose names do not end with .npy, or begin with a dot, left out: "
                    + others);
      } catch (IOException failure) {
        throw InputFiles.unreadable(folder, failure);
      }
    }

    /** A layer that is not whole shall not be missing without a word. */
    private static void requireArray(Path file) {
      if (InputFiles.name(file).indexOf(UNREADABLE_CHARACTER) >= 0) {
        throw new PalimpsestException(
            file + " has a name that is not in this system's encoding of text. Rename it.");
      }
      if (!Files.isRegularFile(file)) {
        String what =
            Files.isSymbolicLink(file) && !Files.exists(file)
                ? "a link to nothing"
                : "no regular file";
        throw new PalimpsestException(
            "%s is named like an array and is %s. Remove or rename it.".formatted(file, what));
      }
      FileKind kind = FileKind.of(file);
      if (kind != FileKind.NPY) {
        throw new PalimpsestException(
            "%s is named like an array and is %s. Write it again, remove or rename it."
                .formatted(file, kind.describe(file)));
      }
    }

    /** The hash of the lines that {@code sha256sum} prints for the files. */
    private static String hash(Map<String, Path> files, Map<String, UnchangedFile> watched) {
      StringBuilder lines = new StringBuilder();
      watched.forEach(
          (layer, file) ->
              lines
                  .append(file.sha256())
                  .append("  ")
                  .append(InputFiles.name(files.getOrDefault(layer, Path.of(layer))))
                  .append('\n'));
      return Sha256.of(lines.toString().getBytes(StandardCharsets.UTF_8));
    }
  }
}
