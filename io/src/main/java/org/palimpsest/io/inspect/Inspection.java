package org.palimpsest.io.inspect;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.internal.architecture.ArchitectureGuess;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.own.Draft;
import org.palimpsest.io.internal.weights.StateDict;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions;

/**
 * What can be told of a file without running it: what it is, which tool wrote it, what is in it,
 * and what can be done with it. It is what the command {@code inspect} prints, for programs.
 *
 * <pre>{@code
 * Inspection told = Inspection.of(Path.of("checkpoint.pth"), NetworkOptions.none());
 * if (told.next().contains(Use.CAPTURE)) {
 *   told.layers().forEach(layer -> System.out.println(layer.name() + " " + layer.type()));
 * }
 * }</pre>
 *
 * @param is what it is, in words that continue the sentence "this is …"
 * @param use what it is good for, in words that continue "it can be used …"
 * @param writer the tool that wrote it, or empty if the file does not tell
 * @param layers of a network whose file tells them
 * @param partsAre what the parts are called: layers, arrays or tensors; empty if none are known
 * @param parts what is in it
 * @param notes what else a reader should know
 * @param next what can be done with it, the likeliest first
 */
public record Inspection(
    String is,
    String use,
    String writer,
    List<LayerOutline> layers,
    String partsAre,
    List<Part> parts,
    List<String> notes,
    List<Use> next) {

  /**
   * One array.
   *
   * @param name its name in the file, empty for a file that is one array
   * @param shape such as {@code [64, 1, 3, 3]}; empty if it is not known without reading it
   * @param dtype such as {@code float32}; empty if it is not known without reading it
   */
  public record Part(String name, String shape, String dtype) {}

  public Inspection {
    layers = List.copyOf(layers);
    parts = List.copyOf(parts);
    notes = List.copyOf(notes);
    next = List.copyOf(next);
  }

  /**
   * Looks into a file or folder. Nothing in it is run; what is damaged is reported as a note.
   *
   * @param said which of the weights in it are meant; {@link NetworkOptions#none()} for all
   * @throws org.palimpsest.core.PalimpsestException if there is no such file, or it holds no such
   *     weights
   */
  public static Inspection of(Path file, NetworkOptions said) {
    return Inspector.inspect(file, said);
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

  Inspection offering(Use... uses) {
    List<Use> all = new ArrayList<>(next);
    all.addAll(List.of(uses));
    return new Inspection(is, use, writer, layers, partsAre, parts, notes, all);
  }

  /**
   * What can be done with a file, as its content tells: the likeliest next step for someone who has
   * just found out what it is. The command {@code inspect} turns each into a command line to copy.
   *
   * @see Inspection#next()
   */
  public enum Use {
    /** Activations of its layers can be captured. */
    CAPTURE,
    /** Activations can be captured if its network is described by another file. */
    CAPTURE_DESCRIBED,
    /** Its layers can be compared with those of another network. */
    COMPARE_NETWORKS,
    /** What it holds can be compared with other activations. */
    COMPARE_ACTIVATIONS,
    /** A description of its network can be drafted from its weights. */
    DRAFT_ARCHITECTURE,
    /** It can be shown to networks. */
    PROBES,
    /** It can be prepared as when a network was trained, and then be shown. */
    PATCHES,
    /** Its plans tell how images are prepared. */
    PREPARE_BY_PLAN,
    /** Its transforms tell how images are prepared. */
    PREPARE_BY_TRANSFORMS,
    /** Its training runs can be followed; probes lie beside them. */
    TRACK,
    /** Its training runs can be followed; probes are to be given. */
    TRACK_WITH_PROBES,
    /** Its weights can be listed. */
    WEIGHTS,
    /** Its weights can be compared with those of another network. */
    COMPARE_WEIGHTS
  }

  /**
   * A first description of a network of one's own, from the names and shapes of its weights alone.
   *
   * <p>Of networks of MONAI, torchvision and segmentation_models_pytorch it is their class with its
   * arguments, of others the steps of {@code forward}. What these do not show (strides, padding,
   * activations, the order in a concatenation, …) is proposed and marked by {@code TODO}; a network
   * is not built before all marks are settled.
   */
  public static final class ArchitectureDraft {

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
     * @throws org.palimpsest.core.PalimpsestException if there is no such file, it is no state
     *     dict, it is of Keras, it holds several networks, or no convolutions of planes or volumes
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
}
