package org.palimpsest.core;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Where activations or weights came from, so that a measurement can be traced back to its files. It
 * goes along into every table and file that is written.
 *
 * @param origin the file, or a name for what was never a file
 * @param sha256 the hash of the file's content in 64 hexadecimal digits, or empty if there is no
 *     file
 * @param notes what the importer did that a reader should know, such as a switch to evaluation mode
 */
public record Provenance(String origin, String sha256, List<String> notes) {

  /** What is said of every network that was run or file that was read in the usual way. */
  private static final Pattern USUAL =
      Pattern.compile(
          "r[au]n in evaluation mode|run as exported|run by ONNX Runtime|exported with PyTorch.*"
              + "|Keras [^ ]+( on [^ ]+)?, by the table of its layers|(shown|read from|captured from|compared in the region|trained on images to which) .*",
          Pattern.DOTALL);

  public Provenance {
    notes = List.copyOf(notes);
  }

  /**
   * The notes that a reader of the measurements should not miss: all but those of the usual way.
   */
  public List<String> cautions() {
    return notes.stream().filter(note -> !USUAL.matcher(note).matches()).toList();
  }

  /** The provenance of something that lives in memory alone. */
  public static Provenance inMemory(String name) {
    return new Provenance(name, "", List.of());
  }
}
