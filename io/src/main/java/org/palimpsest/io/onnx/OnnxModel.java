package org.palimpsest.io.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.Sha256;

/**
 * An ONNX model with the files beside it, read once.
 *
 * @param file where it lies
 * @param bytes the model in one piece, as the runtime gets it
 * @param graph what was read of it
 * @param sha256 the hash of the file, or of it and the files beside it one after the other, as
 *     {@code cat model.onnx a.data b.data | sha256sum} gives it
 * @param others the locations of the files beside it, in alphabetical order
 */
record OnnxModel(Path file, byte[] bytes, OnnxGraph graph, String sha256, List<String> others) {

  OnnxModel {
    others = List.copyOf(others);
  }

  /**
   * @throws PalimpsestException if it is no ONNX model, is damaged, or a tensor lies outside of its
   *     folder
   */
  static OnnxModel read(Path file) {
    InputFiles.require(file);
    return InputFiles.bounded(file, () -> readBounded(file));
  }

  private static OnnxModel readBounded(Path file) {
    try {
      if (InputFiles.size(file) > Integer.MAX_VALUE - 64) {
        throw new PalimpsestException(file + " is larger than the 2 GB that an ONNX file can be.");
      }
      byte[] bytes = Files.readAllBytes(file);
      ExternalTensors.Joined joined = ExternalTensors.join(file, bytes);
      List<byte[]> all = new ArrayList<>(List.of(bytes));
      all.addAll(joined.files().values());
      return new OnnxModel(
          file,
          joined.bytes(),
          OnnxGraph.read(file, joined.bytes()),
          Sha256.of(all),
          List.copyOf(joined.files().keySet()));
    } catch (ProtoReader.Malformed malformed) {
      throw OnnxGraph.damaged(file, malformed);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  Provenance provenance(String... notes) {
    List<String> all = new ArrayList<>(Arrays.asList(notes));
    if (!others.isEmpty()) {
      all.add(
          "has weights in %s; the hash is of the model and %s, one after the other"
              .formatted(String.join(", ", others), others.size() == 1 ? "it" : "these"));
    }
    all.addAll(graph.notes());
    return new Provenance(file.toString(), sha256, all);
  }
}
