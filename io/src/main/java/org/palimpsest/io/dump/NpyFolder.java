package org.palimpsest.io.dump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.Sha256;
import org.palimpsest.io.npy.NpyFile;

/** A folder of NPY files: one layer per file, named after it, in the order of the names. */
final class NpyFolder {

  private static final String ENDING = ".npy";

  private NpyFolder() {}

  static ActivationSet open(Path folder) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Path file : sorted(folder)) {
      files.put(InputFiles.nameWithout(ENDING, file), file);
    }
    if (files.isEmpty()) {
      throw new PalimpsestException(folder + " holds no .npy file.");
    }
    files.values().forEach(NpyFile::header);
    Provenance provenance = new Provenance(folder.toString(), hash(files.values()), List.of());
    List<String> layers = List.copyOf(files.keySet());
    return new LayersOnDisk(
        InputFiles.name(folder),
        provenance,
        layers,
        layer -> NpyFile.read(files.getOrDefault(layer, folder)));
  }

  private static List<Path> sorted(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && FileKind.of(file) == FileKind.NPY)
          .sorted()
          .toList();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  /** The hash of the lines that {@code sha256sum} prints for the files. */
  private static String hash(Collection<Path> files) {
    String lines =
        files.stream()
            .map(file -> Sha256.of(file) + "  " + InputFiles.name(file) + "\n")
            .collect(Collectors.joining());
    return Sha256.of(lines.getBytes(StandardCharsets.UTF_8));
  }
}
