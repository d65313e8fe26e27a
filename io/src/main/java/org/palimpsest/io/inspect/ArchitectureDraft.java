package org.palimpsest.io.inspect;

import java.nio.file.Path;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.architecture.ArchitectureGuess;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.own.Draft;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.NetworkOptions;

/**
 * A first description of a network of one's own, from the names and shapes of its weights alone.
 *
 * <p>Of networks of MONAI, torchvision and segmentation_models_pytorch it is their class with its
 * arguments, of others the steps of {@code forward}. What these do not show (strides, padding,
 * activations, the order in a concatenation, …) is proposed and marked by {@code TODO}; a network
 * is not built before all marks are settled.
 */
public final class ArchitectureDraft {

  private static final String OF_KNOWN =
      "strides, activations and whatever else no tensor shows are proposed or left at their"
          + " defaults: are they the network's? Correct them, and take this out.";

  private final Draft draft;

  private ArchitectureDraft(Draft draft) {
    this.draft = draft;
  }

  /**
   * Drafts the description of a state dict's network.
   *
   * @param said which of the weights in the file are meant
   * @throws org.palimpsest.core.PalimpsestException if there is no such file, it is no state dict,
   *     it is of Keras, it holds several networks, or no convolutions of planes or volumes
   */
  public static ArchitectureDraft of(Path stateDict, NetworkOptions said) {
    if (FrontEnds.ofKeras(stateDict).isPresent()) {
      throw new PalimpsestException(
          stateDict
              + " is a file of Keras, of which no draft is made: what model.to_json() says is the"
              + " description of its network. A file that holds it runs as it is; weights alone"
              + " run with --architecture FILE.json.");
    }
    StateDict dict = StateDict.open(stateDict, said.key()).without(said.withoutPrefixes());
    return new ArchitectureDraft(
        ArchitectureGuess.of(dict.weights())
            .map(known -> Draft.ofKnown(dict, known.put(Draft.MARK, OF_KNOWN)))
            .orElseGet(() -> Draft.of(dict)));
  }

  /** How many places are marked, to be settled by someone who knows the network. */
  public int marks() {
    return draft.marks();
  }

  /**
   * Writes it as JSON; replaces no file.
   *
   * @throws org.palimpsest.core.PalimpsestException if the file is there already, or cannot be
   *     written
   */
  public void write(Path file) {
    draft.write(file);
  }
}
