package org.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.internal.capture.LayerOutline;

/**
 * What can be told of a file without running it.
 *
 * @param is what it is, in words that continue the sentence "this is …"
 * @param use what it is good for, in words that continue "it can be used …"
 * @param writer the tool that wrote it, or empty if the file does not tell
 * @param layers of a network whose file tells them
 * @param partsAre what the parts are called: layers, arrays or tensors; empty if none are known
 * @param parts what is in it
 * @param notes what else a reader should know
 * @param next what can be done with it
 */
record Inspection(
    String is,
    String use,
    String writer,
    List<LayerOutline> layers,
    String partsAre,
    List<Part> parts,
    List<String> notes,
    List<NextCommand> next) {

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
    next = List.copyOf(next);
  }

  static Inspection of(FileKind kind) {
    return of(kind.description(), kind.use());
  }

  static Inspection of(String is, String use) {
    return new Inspection(is, use, "", List.of(), "", List.of(), List.of(), List.of());
  }

  /** Says what it is in other words. */
  Inspection renamed(String what, String goodFor) {
    return new Inspection(what, goodFor, writer, layers, partsAre, parts, notes, next);
  }

  Inspection writtenBy(String tool) {
    return new Inspection(is, use, tool, layers, partsAre, parts, notes, next);
  }

  Inspection with(String whatTheyAre, List<Part> some) {
    return new Inspection(is, use, writer, layers, whatTheyAre, some, notes, next);
  }

  Inspection with(List<LayerOutline> some) {
    return new Inspection(is, use, writer, some, partsAre, parts, notes, next);
  }

  Inspection noting(List<String> more) {
    List<String> all = new ArrayList<>(notes);
    all.addAll(more);
    return new Inspection(is, use, writer, layers, partsAre, parts, all, next);
  }

  Inspection offering(NextCommand... commands) {
    List<NextCommand> all = new ArrayList<>(next);
    all.addAll(List.of(commands));
    return new Inspection(is, use, writer, layers, partsAre, parts, notes, all);
  }
}
