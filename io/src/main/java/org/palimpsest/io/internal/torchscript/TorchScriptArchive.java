package org.palimpsest.io.internal.torchscript;

import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.file.ZipContents;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.pytorch.TorchTensors;

/**
 * A TorchScript archive as {@code torch.jit.save} writes it: a zip file with the code of its
 * modules, their attributes in a pickle, and the tensors beside it.
 *
 * <p>Opening one runs nothing from it and unpickles nothing.
 */
public final class TorchScriptArchive {

  /** Without running statistics, batch normalisation uses those of the batch in any mode. */
  private static final Pattern TRAINING_FOR_GOOD =
      Pattern.compile(
          "torch\\.\\w*dropout_?+\\([^()]*, True\\)|torch\\.batch_norm\\((?:[^,()]++, ){3}+(?!None, None, )(?:[^,()]++, ){2}+True,");

  private static final Pattern FLOOR_DIVIDE = Pattern.compile("\\btorch\\.floor_divide_?\\(");

  private static final Pattern QUANTISED =
      Pattern.compile("\\bops\\.quantized\\.|\\btorch\\.(quantized_|fbgemm_linear_int8)");

  /** What makes numbers or truth of values, or a shape that depends on them. */
  private static final Pattern OF_VALUES =
      Pattern.compile(
          "\\b(?:bool|int|float|tolist)\\(|\\btorch\\.(?:\\w*nonzero\\w*|_?unique\\w*|to_sparse\\w*"
              + "|_local_scalar_dense|item|equal|allclose|argwhere|where|masked_select|bincount"
              + "|repeat_interleave|index|tensor_split|sparse_\\w+_tensor)\\("
              + "|\\btorch\\.(?:arange|range|linspace|logspace)\\(annotate\\(number, ");

  private final ArchiveContent content;
  private final Path file;
  private final UnchangedFile watched;
  private final String sha256;
  private final ArchiveRewriter rewriter;
  private final Optional<NetworkGraph> graph;

  private TorchScriptArchive(
      ArchiveContent content, ArchiveRewriter rewriter, UnchangedFile watched) {
    this.content = content;
    this.file = content.file();
    this.rewriter = rewriter;
    this.watched = watched;
    this.sha256 = watched.sha256();
    this.graph = Optional.empty();
  }

  private TorchScriptArchive(
      ArchiveContent content,
      Path file,
      UnchangedFile watched,
      String sha256,
      Optional<NetworkGraph> graph) {
    this.content = content;
    this.file = file;
    this.rewriter =
        new ArchiveRewriter(content.library(), content.root(), RunnableForward.of(content));
    this.watched = watched;
    this.sha256 = sha256;
    this.graph = graph;
  }

  /**
   * Opens an archive.
   *
   * @throws PalimpsestException if it is missing, empty, truncated, hostile, or something else than
   *     a TorchScript archive, telling what it is
   */
  public static TorchScriptArchive open(Path file) {
    return bounded(
        file,
        () -> {
          UnchangedFile watched = UnchangedFile.since(file);
          return new TorchScriptArchive(
              read(file), file, watched, watched.sha256(), Optional.empty());
        });
  }

  /**
   * Another file, if it differs from this one in the numbers of its tensors alone: a later
   * checkpoint of a training, as a rule. What was read of this one's code holds for it.
   *
   * @throws PalimpsestException as {@link #open}
   */
  public Optional<TorchScriptArchive> sibling(Path other) {
    if (graph.isPresent() || FileKind.of(other) != FileKind.TORCHSCRIPT) {
      return Optional.empty();
    }
    return bounded(
        other,
        () -> {
          UnchangedFile since = UnchangedFile.since(other);
          try (ZipContents zip = ZipContents.open(other)) {
            return content
                .ofSibling(other, zip)
                .map(found -> new TorchScriptArchive(found, rewriter, since));
          } catch (IOException failure) {
            throw InputFiles.unreadable(other, failure);
          }
        });
  }

  /**
   * The numbers of all tensors of the network, in the order in which {@link
   * RecordingCopy#sumsMethod} takes those of a sibling.
   *
   * @return empty if some of them are no plain tensors, or not read here
   * @throws PalimpsestException if the archive is damaged or has changed since it was opened
   */
  public Optional<List<StateTensors.Numbers>> tensors() {
    Optional<List<StateTensors.Numbers>> numbers =
        bounded(
            file,
            () -> {
              try (TorchTensors tensors = TorchTensors.open(file, file.toString())) {
                return StateTensors.read(tensors, content.library());
              } catch (IOException failure) {
                throw InputFiles.unreadable(file, failure);
              }
            });
    watched.require();
    return numbers;
  }

  /**
   * A graph as an archive, of which the tensors' numbers are read only for a copy.
   *
   * @param stored a file that nobody else reads; it is needed until a copy was written
   * @throws PalimpsestException if a tensor is of a type that cannot be stored so, or nothing can
   *     be written
   */
  public static TorchScriptArchive of(NetworkGraph graph, Path stored) {
    Path file = Path.of(graph.provenance().origin());
    try {
      GraphArchive.writeOutline(graph, stored);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
    return new TorchScriptArchive(
        read(stored),
        file,
        UnchangedFile.since(stored),
        graph.provenance().sha256(),
        Optional.of(graph));
  }

  /** Does something with an archive; what goes wrong is one line that names the file. */
  static <T> T bounded(Path file, Supplier<T> work) {
    try {
      return InputFiles.bounded(file, work);
    } catch (PalimpsestException refused) {
      String why = String.valueOf(refused.getMessage());
      if (why.contains(file.toString())) {
        throw refused;
      }
      throw new PalimpsestException(file + ": " + why, refused);
    }
  }

  static ArchiveContent read(Path file) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    if (kind != FileKind.TORCHSCRIPT) {
      throw new PalimpsestException(
          "%s is %s, not a TorchScript model. It can be used %s.%s"
              .formatted(file, kind.describe(file), kind.use(), commandsFor(kind)));
    }
    try (ZipContents zip = ZipContents.open(file)) {
      return ArchiveContent.read(file, zip);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static String commandsFor(FileKind kind) {
    return switch (kind) {
      case TORCH_CHECKPOINT, TORCH_LEGACY ->
          " On the command line, `weights` and `weights-compare` read it.";
      case TEXT, UNKNOWN, PICKLE, ZIP ->
          " Export the network from Python with torch.export.save, or torch.jit.script(model).save.";
      default -> "";
    };
  }

  /** The file that the user gave. */
  public Path file() {
    return file;
  }

  /** The graph that it was written from, if it was. */
  public Optional<NetworkGraph> graph() {
    return graph;
  }

  /** PyTorch's number for the type that its input is converted to, where that is known. */
  public OptionalInt inputType() {
    return graph
        .map(g -> g.input().type().isFloating() ? g.input().type() : ElementType.INT64)
        .map(type -> OptionalInt.of(GraphCode.number(type)))
        .orElseGet(OptionalInt::empty);
  }

  /** The hash of the file in hexadecimal. */
  public String sha256() {
    return sha256;
  }

  /** The version of the file format; runtimes read up to one that they know. */
  public long formatVersion() {
    return content.formatVersion();
  }

  /** Whether the network was saved in training mode. */
  public boolean savedInTrainingMode() {
    return content.data().savedInTraining();
  }

  /**
   * Whether dropout or the use of batch statistics was written into its code as a constant, which
   * happens when a network in training mode is traced: no switch of mode changes that.
   */
  public boolean tracedInTrainingMode() {
    return isTracedInTraining(content);
  }

  /**
   * Whether it divides as PyTorch did otherwise before version 1.13, and may be as old: negative
   * numbers were rounded towards zero, and the format has no version for it.
   */
  public boolean mayHaveRoundedTowardsZero() {
    return !content.writtenSince21() && content.library().matches(FLOOR_DIVIDE);
  }

  /** Whether it multiplies integers of 8 bits. */
  public boolean isQuantised() {
    return content.library().matches(QUANTISED);
  }

  static boolean isTracedInTraining(ArchiveContent content) {
    return content.library().matches(TRAINING_FOR_GOOD);
  }

  /** The storage types of its tensors, such as {@code FloatStorage} or {@code HalfStorage}. */
  public Set<String> storages() {
    return content.storages();
  }

  /** Whether a run may change the network in ways that it does not tell of. */
  public boolean mayChangeUnseen() {
    return StateChanges.mayPassUnseen(content.library());
  }

  /** Whether its code names an operator that draws random numbers. */
  public boolean mayDrawRandom() {
    return StateChanges.mayDrawRandom(content.library());
  }

  /** Whether what it runs, or of what shapes it is, may depend on the numbers of its tensors. */
  public boolean mayFollowValues() {
    return content.library().matches(OF_VALUES);
  }

  /** Whether the network takes a list of tensors, of which each probe is one. */
  public boolean takesList() {
    return rewriter.takesList();
  }

  /** The full name of the network's class. */
  public String rootClass() {
    return content.root().name();
  }

  /**
   * Writes a copy whose code records what its submodules answer.
   *
   * @param target the file to write
   * @return how to call it
   * @throws PalimpsestException if the archive is damaged or has changed since it was opened, or
   *     the copy cannot be written
   */
  public RecordingCopy writeRecordingCopy(Path target) {
    Map<String, String> code = bounded(file(), () -> rewriter.files(content.folder()));
    if (graph.isPresent()) {
      write(graph.get(), code, target);
      return recordingCopy(LayerNames.of(graph.get()));
    }
    try (ZipContents zip = ZipContents.open(content.file())) {
      ArchiveCopier.copy(zip, content, code, target);
    } catch (IOException failure) {
      throw InputFiles.notCopied(file(), target, failure);
    }
    watched.require();
    return recordingCopy(LayerNames.avoiding(content.root().attributes().keySet()));
  }

  private RecordingCopy recordingCopy(LayerNames layerNames) {
    return new RecordingCopy(
        rewriter.names().entryMethod(), rewriter.names().sumsMethod(), layerNames);
  }

  private void write(NetworkGraph network, Map<String, String> code, Path target) {
    try {
      GraphArchive.write(network, code, target);
    } catch (IOException failure) {
      throw InputFiles.notCopied(file(), target, failure);
    }
  }

  /** Copies an archive with other code; sizes and checksums of all else are checked on the way. */
  private static final class ArchiveCopier {

    private static final int BUFFER = 1 << 20;

    private ArchiveCopier() {}

    /**
     * Copies what lies in the archive's own folder: nothing that was not looked at comes along.
     *
     * @param source the archive
     * @param content what was read of it
     * @param code all files of the copy's code, by name; nothing else is copied of the code's
     *     folder
     * @param target the file to write
     */
    static void copy(
        ZipContents source, ArchiveContent content, Map<String, String> code, Path target)
        throws IOException {
      try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target), BUFFER);
          ZipOutputStream zip = new ZipOutputStream(file)) {
        for (ZipEntry entry : source.entries()) {
          String name = entry.getName();
          if (!entry.isDirectory()
              && name.startsWith(content.folder())
              && !name.startsWith(content.codeFolder())) {
            copyEntry(source, entry, zip);
          }
        }
        for (Map.Entry<String, String> text : code.entrySet()) {
          write(text.getKey(), text.getValue().getBytes(StandardCharsets.UTF_8), zip);
        }
      }
    }

    private static void copyEntry(ZipContents source, ZipEntry entry, ZipOutputStream zip)
        throws IOException {
      zip.putNextEntry(stored(entry.getName(), entry.getSize(), entry.getCrc()));
      try (InputStream content = source.read(entry)) {
        content.transferTo(zip);
        zip.closeEntry();
      } catch (ZipException | EOFException failure) {
        throw source.damaged(entry, failure);
      }
    }

    private static void write(String name, byte[] content, ZipOutputStream zip) throws IOException {
      CRC32 sum = new CRC32();
      sum.update(content);
      zip.putNextEntry(stored(name, content.length, sum.getValue()));
      zip.write(content);
      zip.closeEntry();
    }

    private static ZipEntry stored(String name, long size, long crc) {
      ZipEntry entry = new ZipEntry(name);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(size);
      entry.setCompressedSize(size);
      entry.setCrc(crc);
      return entry;
    }
  }

  /**
   * How to call a copy of an archive that records.
   *
   * @param entryMethod the method of the root module to run; it takes the probes (a tensor), the
   *     number of the type that the network wants them in, the recorded names wanted (one per
   *     line), how each is to be reduced (one per line), the positions picked for that, and whether
   *     only names and shapes are asked for, and gives a string and a list of tensors: one line for
   *     each tensor, its recorded name, a tab and the shape that the layer has
   * @param sumsMethod the method of the root module that gives sums of all of its state, as a list
   *     of floating numbers; a change would hardly leave them as they were. It takes tensors whose
   *     numbers are to be put in the place of its own before, in their order, or none; the last
   *     number is how many of them were left
   * @param layerNames what recorded names are to people
   */
  public record RecordingCopy(String entryMethod, String sumsMethod, LayerNames layerNames) {}
}
