package org.palimpsest.io.internal.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.WeightTensor;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.ZipArchive;
import org.palimpsest.io.weights.StateDictNames;

/**
 * The weights in a file of PyTorch's: a state dict or a training checkpoint (of PyTorch 1.6 and
 * later, or before), a pickled module, or a TorchScript archive. Nothing in the file is run.
 *
 * <p>In a checkpoint the weights are looked for under {@code model_state_dict}, {@code state_dict},
 * {@code model} and the like; the provenance says where they were found. Dictionaries within are
 * joined by dots; {@code module.} and {@code _orig_mod.} are taken off the names. Views, shared
 * storages and any strides are read; tensors that are quantised, sparse or complex are left out,
 * which the provenance says too.
 */
public final class TorchWeights {

  private static final int MOST_NAMED = 8;

  private TorchWeights() {}

  /**
   * Reads the weights.
   *
   * @throws PalimpsestException if it is no such file, is damaged, names what could do harm, or
   *     holds no weights
   */
  public static Weights read(Path file) {
    return read(file, Optional.empty());
  }

  /**
   * Reads the weights in one entry of a training checkpoint.
   *
   * @param key the entry, such as {@code ema_state_dict}
   * @throws PalimpsestException as {@link #read(Path)}, and if there is no such entry
   */
  public static Weights read(Path file, String key) {
    return read(file, Optional.of(key));
  }

  /**
   * Reads a file's pickle.
   *
   * @throws PalimpsestException as {@link #read(Path)}
   */
  public static Checkpoint open(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    FileKind kind = FileKind.of(file);
    try {
      return switch (kind) {
        case TORCH_LEGACY -> new Checkpoint(watched, kind, LegacyContent.open(file));
        case TORCHSCRIPT, TORCH_CHECKPOINT, TORCH_MODULE ->
            new Checkpoint(watched, kind, ZipArchive.with(file, ZipContent::open));
        default ->
            throw new PalimpsestException(
                "%s is %s, not a file of PyTorch's. It can be used %s."
                    .formatted(file, kind.describe(file), kind.use()));
      };
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** A file whose pickle was read; its tensors are read when they are asked for. */
  public static final class Checkpoint {

    private final UnchangedFile watched;
    private final FileKind kind;
    private final TorchContent content;

    private Checkpoint(UnchangedFile watched, FileKind kind, TorchContent content) {
      this.watched = watched;
      this.kind = kind;
      this.content = content;
    }

    /** The file since before anything of it was read. */
    public UnchangedFile watched() {
      return watched;
    }

    /**
     * What lies beside the tensors, as far as it is plain data: texts, numbers, truth values, lists
     * and dictionaries; missing if the file holds no dictionary.
     */
    public JsonNode settings() {
      return PlainData.of(content.saved());
    }

    /**
     * Reads the tensors.
     *
     * @param key the entry that holds the weights, if the caller knows
     * @throws PalimpsestException as {@link TorchWeights#read(Path, String)}, and if the file
     *     changed since it was opened
     */
    public Weights weights(Optional<String> key) {
      try {
        return TorchWeights.weights(watched, kind, content, key);
      } catch (IOException failure) {
        throw InputFiles.unreadable(watched.file(), failure);
      }
    }
  }

  private static Weights read(Path file, Optional<String> key) {
    return open(file).weights(key);
  }

  private static Weights weights(
      UnchangedFile watched, FileKind kind, TorchContent content, Optional<String> key)
      throws IOException {
    Path file = watched.file();
    String source = file.toString();
    StateDictFinder.Choice choice = new StateDictFinder(source).choose(content.saved(), key);
    NamedTensors found = NamedTensors.below(choice.root(), source).beginning(choice.prefix());
    TensorAssembly assembly = new TensorAssembly(found.tensors(), InputFiles.size(file), source);
    content.read(watched, assembly);
    List<WeightTensor> tensors = assembly.tensors();
    List<String> leftOut = new ArrayList<>(found.leftOut());
    leftOut.addAll(assembly.empty());
    if (tensors.isEmpty()) {
      throw nothing(file, kind, leftOut);
    }
    List<String> notes = new ArrayList<>(choice.notes());
    if (!leftOut.isEmpty()) {
      notes.add("left out: " + String.join(", ", leftOut));
    }
    notes.addAll(content.notes());
    PassedOver.note(content.named(), found.modules()).ifPresent(notes::add);
    Provenance provenance = new Provenance(source, watched.sha256(), notes);
    Weights weights = Weights.of(provenance, InputFiles.name(file), tensors);
    return kind == FileKind.TORCHSCRIPT ? weights : StateDictNames.unwrapped(weights);
  }

  private static PalimpsestException nothing(Path file, FileKind kind, List<String> leftOut) {
    String advice =
        switch (kind) {
          case TORCH_MODULE ->
              "Save the model's state_dict(), or export the model with torch.export.save.";
          case TORCHSCRIPT -> "A frozen model keeps its weights as constants, without names.";
          default -> "Save the model's state_dict().";
        };
    String seen =
        leftOut.isEmpty()
            ? ""
            : " but tensors that are not: "
                + String.join(", ", leftOut.subList(0, Math.min(MOST_NAMED, leftOut.size())));
    return new PalimpsestException(
        file
            + " ("
            + kind.description()
            + ") holds no weights that can be read"
            + seen
            + ". "
            + advice);
  }
}
