package org.palimpsest.io.internal.torchscript;

import java.util.List;

/**
 * One file of an archive's code.
 *
 * @param entry its name in the archive
 * @param lines its text
 * @param classes the classes in it
 */
record SourceFile(String entry, List<String> lines, List<ScriptClass> classes) {

  SourceFile {
    lines = List.copyOf(lines);
    classes = List.copyOf(classes);
  }

  boolean mentions(String text) {
    return lines.stream().anyMatch(line -> line.contains(text));
  }
}
