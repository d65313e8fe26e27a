package org.palimpsest.io.torchscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.Sha256;
import org.palimpsest.io.file.ZipContents;

/**
 * A TorchScript archive as {@code torch.jit.save} writes it: a zip file with the code of its
 * modules, their attributes in a pickle, and the tensors beside it.
 *
 * <p>Opening one runs nothing from it and unpickles nothing.
 */
public final class TorchScriptArchive {

  private static final long MOST_CODE = 64L << 20;
  private static final long MOST_PICKLE = 64L << 20;
  private static final long MOST_VERSION = 64;
  private static final Pattern TRAINING_FOR_GOOD =
      Pattern.compile(
          "torch\\.\\w*dropout_?\\([^()]*, True\\)|torch\\.batch_norm\\(([^,()]+, ){5}True,");
  private static final String DATA = "data.pkl";

  private final Path file;
  private final String sha256;
  private final String folder;
  private final long formatVersion;
  private final PickleSummary data;
  private final Set<String> storages;
  private final ArchiveRewriter rewriter;
  private final ScriptClass root;
  private final boolean tracedInTraining;

  private TorchScriptArchive(Path file, ZipContents zip) throws IOException {
    this.file = file;
    this.folder = folderOf(zip);
    this.data = PickleSummary.of(zip.readWhole(require(zip, DATA), MOST_PICKLE));
    this.formatVersion = version(zip);
    this.storages = storages(zip);
    ScriptLibrary library = library(zip);
    requireConstants(library);
    this.tracedInTraining = library.matches(TRAINING_FOR_GOOD);
    this.root = rootOf(library);
    this.rewriter = new ArchiveRewriter(library, root, forwardOf(root));
    this.sha256 = Sha256.of(file);
  }

  /**
   * Opens an archive.
   *
   * @throws PalimpsestException if it is missing, empty, truncated, hostile, or something else than
   *     a TorchScript archive, telling what it is
   */
  public static TorchScriptArchive open(Path file) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    if (kind != FileKind.TORCHSCRIPT) {
      throw new PalimpsestException(
          "%s is %s, not a TorchScript model. It can be used %s.%s"
              .formatted(file, kind.description(), kind.use(), commandsFor(kind)));
    }
    try (ZipContents zip = ZipContents.open(file)) {
      return new TorchScriptArchive(file, zip);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static String commandsFor(FileKind kind) {
    return switch (kind) {
      case TORCH_CHECKPOINT, TORCH_LEGACY ->
          " On the command line, `weights` and `weights-compare` read it.";
      case TEXT, UNKNOWN, PICKLE, ZIP ->
          " Save the network from Python: torch.jit.script(model).save(\"model.pt\").";
      default -> "";
    };
  }

  public Path file() {
    return file;
  }

  /** The hash of the file in hexadecimal. */
  public String sha256() {
    return sha256;
  }

  /** The version of the file format; runtimes read up to one that they know. */
  public long formatVersion() {
    return formatVersion;
  }

  /** Whether the network was saved in training mode. */
  public boolean savedInTrainingMode() {
    return data.savedInTraining();
  }

  /**
   * Whether dropout or the use of batch statistics was written into its code as a constant, which
   * happens when a network in training mode is traced: no switch of mode changes that.
   */
  public boolean tracedInTrainingMode() {
    return tracedInTraining;
  }

  /** The storage types of its tensors, such as {@code FloatStorage} or {@code HalfStorage}. */
  public Set<String> storages() {
    return storages;
  }

  /** The full name of the network's class. */
  public String rootClass() {
    return root.name();
  }

  /**
   * Writes a copy whose code records what its submodules answer.
   *
   * @param target the file to write
   * @return how to call it
   * @throws PalimpsestException if the archive is damaged or the copy cannot be written
   */
  public RecordingCopy writeRecordingCopy(Path target) {
    try (ZipContents zip = ZipContents.open(file)) {
      ArchiveCopier.copy(zip, rewriter.files(folder + "code/"), folder + "code/", target);
    } catch (IOException failure) {
      throw new PalimpsestException(
          "%s cannot be copied to %s: %s".formatted(file, target, failure.getMessage()), failure);
    }
    return new RecordingCopy(
        rewriter.names().entryMethod(), LayerNames.avoiding(root.attributes().keySet()));
  }

  private String folderOf(ZipContents zip) {
    for (ZipEntry entry : zip.entries()) {
      String name = entry.getName();
      int slash = name.indexOf('/');
      if (slash > 0 && name.substring(slash + 1).equals(DATA)) {
        return name.substring(0, slash + 1);
      }
    }
    throw damaged("it has no " + DATA);
  }

  private boolean isCode(String name) {
    return name.startsWith(folder + "code/") && name.endsWith(".py");
  }

  private static @Nullable ZipEntry find(ZipContents zip, String name) {
    return zip.entries().stream().filter(e -> e.getName().equals(name)).findFirst().orElse(null);
  }

  private ZipEntry require(ZipContents zip, String name) {
    ZipEntry entry = find(zip, folder + name);
    if (entry == null) {
      throw damaged("it has no " + folder + name);
    }
    return entry;
  }

  private long version(ZipContents zip) throws IOException {
    ZipEntry entry = find(zip, folder + "version");
    if (entry == null) {
      return 0;
    }
    String text = new String(zip.readWhole(entry, MOST_VERSION), StandardCharsets.US_ASCII).strip();
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException notANumber) {
      throw damaged("its format version is '%s', not a number".formatted(text));
    }
  }

  private Set<String> storages(ZipContents zip) throws IOException {
    Set<String> found = new TreeSet<>(data.storages());
    ZipEntry constants = find(zip, folder + "constants.pkl");
    if (constants != null) {
      found.addAll(PickleSummary.of(zip.readWhole(constants, MOST_PICKLE)).storages());
    }
    return Set.copyOf(found);
  }

  private ScriptLibrary library(ZipContents zip) throws IOException {
    List<SourceFile> files = new ArrayList<>();
    long left = MOST_CODE;
    for (ZipEntry entry : zip.entries()) {
      if (isCode(entry.getName())) {
        byte[] code = zip.readWhole(entry, left);
        left -= code.length;
        String path = entry.getName().substring((folder + "code/").length());
        String qualifier = path.substring(0, path.length() - ".py".length()).replace('/', '.');
        files.add(parse(entry.getName(), qualifier, new String(code, StandardCharsets.UTF_8)));
      }
    }
    return new ScriptLibrary(files);
  }

  private void requireConstants(ScriptLibrary library) {
    if (library.mentions("prim.ConstantMKLDNNTensor")) {
      throw new PalimpsestException(
          file
              + " went through torch.jit.optimize_for_inference, which leaves constants of the"
              + " machine's own format (MKLDNN) out of the file: no PyTorch can load it. Save the"
              + " network as it was before that step.");
    }
  }

  private SourceFile parse(String entry, String qualifier, String code) {
    try {
      return SourceParser.parse(entry, qualifier, code);
    } catch (PalimpsestException failure) {
      throw new PalimpsestException(file + ": " + failure.getMessage(), failure);
    }
  }

  private ScriptClass rootOf(ScriptLibrary library) {
    ScriptClass found = library.find(data.firstGlobal());
    if (found == null) {
      throw damaged(
          "its network is of class '%s', whose code is not in it".formatted(data.firstGlobal()));
    }
    return found;
  }

  private ScriptMethod forwardOf(ScriptClass type) {
    ScriptMethod forward = type.methods().get("forward");
    if (forward == null) {
      throw new PalimpsestException(
          "%s: its network %s has no forward method that could be run."
              .formatted(file, type.name()));
    }
    List<String> needed = forward.inputs().stream().filter(ScriptMethod::isRequired).toList();
    if (forward.inputs().isEmpty() || needed.size() > 1) {
      throw new PalimpsestException(
          ("%s: its network takes %d inputs (%s); only networks of one input can be shown probes."
                  + " Wrap it in a module of one input before it is saved.")
              .formatted(file, needed.size(), String.join(", ", needed)));
    }
    requireTensors(forward.inputs().get(0));
    return forward;
  }

  private void requireTensors(String parameter) {
    ScriptType input = ScriptMethod.typeOf(parameter);
    boolean possible =
        parameter.indexOf(':') < 0
            || input.isTensor()
            || List.of("List", "Optional").contains(input.name())
                && input.arguments().stream().allMatch(ScriptType::isTensor);
    if (!possible) {
      throw new PalimpsestException(
          ("%s: its network takes a '%s'; only one that takes a tensor or a list of tensors can be"
                  + " shown probes. Wrap it in a module that does before it is saved.")
              .formatted(file, input));
    }
  }

  private PalimpsestException damaged(String why) {
    return new PalimpsestException(
        "%s is damaged: %s. Copy it again from where it was made.".formatted(file, why));
  }
}
