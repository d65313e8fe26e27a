package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells where results are: each file, or the folder of files too many to be read one by one. */
final class WrittenFiles {

  private static final int LISTED_IN_A_FOLDER = 8;

  private WrittenFiles() {}

  static void print(List<Path> files, PrintWriter out) {
    Map<Path, List<Path>> byFolder = new LinkedHashMap<>();
    for (Path file : files) {
      Path folder = file.toAbsolutePath().getParent();
      byFolder.computeIfAbsent(folder, f -> new ArrayList<>()).add(file);
    }
    byFolder.values().forEach(inFolder -> printFolder(inFolder, out));
  }

  private static void printFolder(List<Path> files, PrintWriter out) {
    if (files.size() <= LISTED_IN_A_FOLDER) {
      files.forEach(file -> out.println("Written: " + file));
    } else {
      out.println("Written: " + files.get(0).resolveSibling("") + " (" + files.size() + " files)");
    }
  }
}
