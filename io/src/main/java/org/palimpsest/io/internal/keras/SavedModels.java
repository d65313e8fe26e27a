package org.palimpsest.io.internal.keras;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;

/** TensorFlow's own formats, which Keras 2 wrote where no ending said otherwise. */
final class SavedModels {

  private SavedModels() {}

  /** Whether a folder is a SavedModel of TensorFlow or holds checkpoints of it. */
  static boolean isOne(Path folder) {
    return Files.isRegularFile(folder.resolve("saved_model.pb")) || holdsCheckpoint(folder);
  }

  private static boolean holdsCheckpoint(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.limit(10_000).anyMatch(SavedModels::isNamedAsCheckpoint);
    } catch (IOException unreadable) {
      throw InputFiles.unreadable(folder, unreadable);
    }
  }

  private static boolean isNamedAsCheckpoint(Path file) {
    String name = InputFiles.name(file).toLowerCase(Locale.ROOT);
    return name.endsWith(".index") && Files.exists(file.resolveSibling(dataOf(file)))
        || name.matches(".*\\.data-\\d{5}-of-\\d{5}");
  }

  private static String dataOf(Path index) {
    String name = InputFiles.name(index);
    return name.substring(0, name.length() - ".index".length()) + ".data-00000-of-00001";
  }

  /** Whether a file is a part of a checkpoint, which goes by its name. */
  static boolean isPartOfCheckpoint(Path file, FileKind kind) {
    boolean unknown = kind == FileKind.UNKNOWN || kind == FileKind.TEXT;
    boolean list = InputFiles.name(file).equals("checkpoint") && kind == FileKind.TEXT;
    return unknown && (isNamedAsCheckpoint(file) || list && Files.exists(file));
  }

  static void refuse(Path file) {
    if (Files.isDirectory(file) && Files.isRegularFile(file.resolve("saved_model.pb"))) {
      throw new PalimpsestException(
          file
              + " is a SavedModel of TensorFlow, which holds its graph and no layers. Load it in"
              + " Keras and save it with model.save(\"network.keras\") or model.save(\"network.h5\").");
    }
    if (Files.isDirectory(file) && !KerasContainer.isFolder(file)
        || Files.isRegularFile(file)
            && (isNamedAsCheckpoint(file) || InputFiles.name(file).equals("checkpoint"))) {
      throw new PalimpsestException(
          file
              + " is a checkpoint of TensorFlow, which is not read. Load it in Keras with"
              + " model.load_weights and save the network with model.save(\"network.keras\") or"
              + " model.save(\"network.h5\").");
    }
  }
}
