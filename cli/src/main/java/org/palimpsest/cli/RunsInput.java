package org.palimpsest.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.runs.StudyFile;

/** Training runs by a folder, or by a file that tells where they are. */
final class RunsInput {

  private RunsInput() {}

  static RunsFolder open(Path given, NetworkOptions said) {
    return Files.isRegularFile(given) ? StudyFile.read(given, said) : RunsFolder.open(given, said);
  }
}
