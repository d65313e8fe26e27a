package org.palimpsest.io.internal.graph;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.network.NetworkOptions;

/**
 * Builds the networks of one kind of file or folder. What is done with them is the same for all
 * kinds and needs no reader: they are captured, outlined, and read for their weights.
 */
public interface GraphReader {

  /** The tool that writes such files. */
  default String tool() {
    return "PyTorch";
  }

  /** What a folder of this kind is, in words that continue the sentence "this is …". */
  default String folder() {
    return "a folder of " + tool();
  }

  /**
   * Whether a file or folder is of this kind, told by what it holds. Cheap, and no promise that it
   * is sound.
   *
   * @param kind what the file is, as far as its first bytes tell
   */
  boolean recognises(Path file, FileKind kind, NetworkOptions options);

  /** What was seen of a file when it was recognised, so that it is not read again to open it. */
  interface Recognised {

    /**
     * Opens it.
     *
     * @throws org.palimpsest.core.PalimpsestException as {@link GraphReader#open}, and if the file
     *     changed since
     */
    OpenGraph open();
  }

  /**
   * Recognises a file or folder as {@link #recognises} does.
   *
   * @return empty if it is of another kind
   */
  default Optional<Recognised> recognise(Path file, FileKind kind, NetworkOptions options) {
    return recognises(file, kind, options)
        ? Optional.of(() -> open(file, options))
        : Optional.empty();
  }

  /**
   * Reads the network and what it needs to know of its tensors.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is damaged, or says something that is not
   *     understood; nothing is ever left out silently
   */
  OpenGraph open(Path file, NetworkOptions options);

  /** Whether a file of weights does not tell their network. */
  default boolean lacksNetwork(Path file, FileKind kind) {
    return false;
  }

  /**
   * Tensors of a file that does not tell their network, under the names that it has for them; their
   * axes may mean anything.
   *
   * @return empty if the file tells the network, or the user does
   */
  default Optional<Weights> weightsAlone(Path file, FileKind kind, NetworkOptions options) {
    return Optional.empty();
  }

  /** The other files of which the network is made, if it is not made of that one alone. */
  default List<Path> filesBeside(Path file, NetworkOptions options) {
    return List.of();
  }
}
