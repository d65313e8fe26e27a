package org.palimpsest.io.internal.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.ZipArchive;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.Unpickler;
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
     * The modules that were saved whole among the weights, each before those in it; none in a state
     * dict.
     *
     * @param key the entry that holds the weights, if the caller knows
     */
    public List<PickledModule> modules(Optional<String> key) {
      if (kind == FileKind.TORCHSCRIPT) {
        return List.of();
      }
      String source = watched.file().toString();
      StateDictFinder.Choice choice = new StateDictFinder(source).choose(content.saved(), key);
      return List.copyOf(NamedTensors.below(choice.root(), source).wholeModules());
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

  /** Tells which Python objects a file names that have nothing to do with its weights. */
  private static final class PassedOver {

    private static final int MOST_NAMED = 8;

    /** What checkpoints usually hold beside tensors, and plain data. */
    private static final Pattern USUAL =
        Pattern.compile(
            "__torch__\\..*|torch\\.\\w*Storage|torch\\.storage\\.\\w*Storage"
                + "|torch\\.(_utils\\._rebuild\\w*|_tensor\\._rebuild_from_type_v2|Size|Tensor|device|dtype"
                + "|u?int\\d+|b?float\\d+|half|double|long|bool|complex\\d+|q\\w*int\\d+|contiguous_format"
                + "|preserve_format|channels_last(_3d)?|strided|jit\\._pickle\\.\\w+)"
                + "|torch\\.(cuda\\.)?\\w*Tensor|torch\\.autograd\\.variable\\.Variable"
                + "|torch\\.per_(tensor|channel)_\\w+"
                + "|torch\\.(ao\\.)?nn\\.(modules|parameter|parallel|utils|quantized|qat)\\..*|torch\\.serialization\\._get_layout"
                + "|torch\\.(optim|utils\\.data)\\..*"
                + "|numpy\\.(dtype|ndarray|bool_?|u?int\\d+|float\\d+)"
                + "|numpy\\._?core\\.multiarray\\.(scalar|_reconstruct)|_codecs\\.encode"
                + "|numpy\\.dtypes\\.\\w+"
                + "|collections\\.(OrderedDict|defaultdict|Counter|deque)|copyreg\\._reconstructor"
                + "|copy_reg\\._reconstructor|argparse\\.Namespace|types\\.SimpleNamespace"
                + "|pathlib\\..*|datetime\\..*|decimal\\.Decimal|uuid\\.UUID|fractions\\.Fraction"
                + "|(builtins|__builtin__)\\.(set|frozenset|dict|list|tuple|int|float|bool|str|bytes"
                + "|bytearray|complex|object|slice|x?range|long|unicode|type|Ellipsis|NotImplemented"
                + "|getattr)");

    private PassedOver() {}

    /**
     * A note of the others.
     *
     * @param named what the file names
     * @param read the classes in whose objects tensors were looked for
     */
    static Optional<String> note(Set<Global> named, Set<String> read) {
      List<String> others =
          named.stream()
              .filter(global -> !USUAL.matcher(global.path()).matches())
              .filter(global -> !read.contains(global.path()))
              .filter(global -> named.stream().noneMatch(member -> isMember(member, global)))
              .map(global -> "%.80s".formatted(global.path()))
              .toList();
      if (others.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          "Python objects that are no weights were passed over, nothing was called: "
              + Names.shortened(others, MOST_NAMED));
    }

    /** An enumeration is told by its member. */
    private static boolean isMember(Global member, Global owner) {
      return member.module().equals(owner.module()) && member.name().startsWith(owner.name() + ".");
    }
  }

  /**
   * Files from before PyTorch 1.6: a magic number, a version, facts about the machine, the value
   * and the storages' keys as five pickles, then the storages, each after its number of elements.
   */
  private static final class LegacyContent implements TorchContent {

    private static final String VERSION = "1001";
    private static final Map<String, Integer> SIZES_OF_UNREAD =
        Map.of(
            StorageRef.UNTYPED_IN_OLD_FORMAT,
            1,
            "ComplexFloatStorage",
            8,
            "ComplexDoubleStorage",
            16,
            "QInt8Storage",
            1,
            "QUInt8Storage",
            1,
            "QInt32Storage",
            4);

    private final long storagesAt;
    private final long fileBytes;
    private final String source;
    private final TorchObjects objects;
    private final Object saved;
    private final List<?> keys;

    private LegacyContent(
        long storagesAt,
        long fileBytes,
        String source,
        TorchObjects objects,
        Object saved,
        List<?> keys) {
      this.storagesAt = storagesAt;
      this.fileBytes = fileBytes;
      this.source = source;
      this.objects = objects;
      this.saved = saved;
      this.keys = keys;
    }

    /** Reads the pickles. */
    static LegacyContent open(Path file) throws IOException {
      try (Counted in = new Counted(new BufferedInputStream(Files.newInputStream(file)))) {
        return open(in, InputFiles.size(file), file.toString());
      }
    }

    private static LegacyContent open(Counted in, long fileBytes, String source)
        throws IOException {
      TorchObjects objects = TorchObjects.ofOldFormat(source);
      Unpickler.read(in, objects, source); // the magic number
      Object version = Unpickler.read(in, objects, source);
      if (!(version instanceof Long)) {
        throw new PalimpsestException(
            source + " has no number where the version of its format should be: it is damaged.");
      }
      if (!VERSION.equals(String.valueOf(version))) {
        throw new PalimpsestException(
            "%s has version %s of PyTorch's old format; the only one that is read is %s. Save it with torch.save of PyTorch 1.6 or later."
                .formatted(source, version, VERSION));
      }
      Unpickler.read(in, objects, source); // the machine, whose byte order is not the storages'
      Object saved = Unpickler.read(in, objects, source);
      if (!(Unpickler.read(in, objects, source) instanceof List<?> keys)) {
        throw new PalimpsestException(source + " does not list its storages: it is damaged.");
      }
      return new LegacyContent(in.count, fileBytes, source, objects, saved, keys);
    }

    @Override
    public Object saved() {
      return saved;
    }

    @Override
    public Set<Global> named() {
      return objects.named();
    }

    @Override
    public void read(UnchangedFile watched, TensorAssembly assembly) throws IOException {
      watched.require();
      try (InputStream in = new BufferedInputStream(Files.newInputStream(watched.file()))) {
        in.skipNBytes(storagesAt);
        read(in, assembly);
      }
      watched.require();
    }

    private void read(InputStream in, TensorAssembly assembly) throws IOException {
      for (Object key : keys) {
        StorageRef storage = key instanceof String name ? objects.storages().get(name) : null;
        if (storage == null) {
          throw new PalimpsestException(
              source + " lists a storage that nothing refers to: it is damaged.");
        }
        int size = size(storage);
        long elements = elements(in, storage, size);
        Optional<StorageSlot> slot = slot(assembly, storage);
        if (slot.isPresent()) {
          assembly.accept(
              slot.get(),
              Elements.read(in, slot.get().type(), ByteOrder.LITTLE_ENDIAN, elements, source));
        } else {
          in.skipNBytes(elements * size);
        }
      }
    }

    private static Optional<StorageSlot> slot(TensorAssembly assembly, StorageRef storage) {
      return storage
          .type()
          .map(type -> new StorageSlot(storage.key(), type))
          .filter(assembly.slots()::contains);
    }

    private int size(StorageRef storage) {
      Integer unread = SIZES_OF_UNREAD.get(storage.typeName());
      if (storage.type().isEmpty() && unread == null) {
        throw new PalimpsestException(
            "%s holds a storage of type %s, which is not known."
                .formatted(source, storage.typeName()));
      }
      return storage.type().map(ElementType::size).orElseGet(() -> unread == null ? 0 : unread);
    }

    private long elements(InputStream in, StorageRef storage, int size) throws IOException {
      byte[] count = in.readNBytes(Long.BYTES);
      if (count.length < Long.BYTES) {
        throw new EOFException("before a storage");
      }
      long elements = ByteBuffer.wrap(count).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (elements != storage.elements() || elements > fileBytes / size) {
        throw new PalimpsestException(
            "%s has a storage of %s numbers where its pickle says %s, in a file of %s bytes: it is damaged."
                .formatted(source, elements, storage.elements(), fileBytes));
      }
      return elements;
    }

    /** Tells how far it was read. */
    private static final class Counted extends FilterInputStream {

      private long count;

      private Counted(InputStream in) {
        super(in);
      }

      @Override
      public int read() throws IOException {
        int value = super.read();
        count += value < 0 ? 0 : 1;
        return value;
      }

      @Override
      public int read(byte[] target, int start, int most) throws IOException {
        int some = super.read(target, start, most);
        count += Math.max(0, some);
        return some;
      }
    }
  }
}
