package org.palimpsest.examples.cli;

import java.util.List;
import org.palimpsest.io.capture.LayerOutline;
import org.palimpsest.io.file.FileKind;

/**
 * What can be told of a file without running it.
 *
 * @param kind what it is
 * @param writer the tool that wrote it, or empty if the file does not tell
 * @param layers of a network whose file tells them
 * @param partsAre what the parts are called: layers, arrays or tensors; empty if none are known
 * @param parts what is in it
 * @param notes what else a reader should know
 */
record Inspection(
    FileKind kind,
    String writer,
    List<LayerOutline> layers,
    String partsAre,
    List<Part> parts,
    List<String> notes) {

  /**
   * One array.
   *
   * @param shape empty if it is not known without reading it
   * @param dtype empty if it is not known without reading it
   */
  record Part(String name, String shape, String dtype) {}

  Inspection {
    layers = List.copyOf(layers);
    parts = List.copyOf(parts);
    notes = List.copyOf(notes);
  }

  static Inspection of(FileKind kind) {
    return new Inspection(kind, "", List.of(), "", List.of(), List.of());
  }

  Inspection writtenBy(String tool) {
    return new Inspection(kind, tool, layers, partsAre, parts, notes);
  }

  Inspection with(String whatTheyAre, List<Part> some) {
    return new Inspection(kind, writer, layers, whatTheyAre, some, notes);
  }

  Inspection with(List<LayerOutline> some) {
    return new Inspection(kind, writer, some, partsAre, parts, notes);
  }

  Inspection noting(List<String> some) {
    return new Inspection(kind, writer, layers, partsAre, parts, some);
  }
}
