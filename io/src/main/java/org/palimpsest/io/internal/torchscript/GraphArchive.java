package org.palimpsest.io.internal.torchscript;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;

/**
 * Writes a graph as a TorchScript archive. Each storage is read once, from its first byte to its
 * last; of it those pieces are written that tensors show, so that one tensor of a large storage
 * costs no more than itself.
 */
final class GraphArchive {

  private static final String FOLDER = "network/";

  /** Versions from 3 to 9 would select operators as they were. */
  private static final String VERSION = "10\n";

  private static final int BUFFER = 1 << 16;

  /** A run of elements that some tensors show. */
  private static final class Piece {
    private final Storage storage;
    private final int width;
    private final long start;
    private long end;
    private int key;

    Piece(Storage storage, int width, long start, long end) {
      this.storage = storage;
      this.width = width;
      this.start = start;
      this.end = end;
    }
  }

  private final NetworkGraph graph;
  private final Map<StoredTensor, String> attributes = new LinkedHashMap<>();
  private final Map<StoredTensor, Piece> pieces = new HashMap<>();
  private final Map<Storage, List<Piece>> byStorage = new IdentityHashMap<>();
  private final List<Storage> storages = new ArrayList<>();

  private GraphArchive(NetworkGraph graph) {
    this.graph = graph;
  }

  /** Writes all of the archive but the tensors' numbers. */
  static void writeOutline(NetworkGraph graph, Path file) throws IOException {
    GraphArchive archive = new GraphArchive(graph);
    archive.plan();
    archive.write(file, Map.of(FOLDER + "code/__torch__.py", archive.code()), List.of());
  }

  /**
   * Writes the archive; the file must be one that nobody else reads.
   *
   * @param code its files of code, by the names of their entries
   */
  static void write(NetworkGraph graph, Map<String, String> code, Path file) throws IOException {
    GraphArchive archive = new GraphArchive(graph);
    archive.plan();
    archive.write(file, code, archive.storages);
  }

  private void plan() {
    Map<Storage, List<StoredTensor>> views = new IdentityHashMap<>();
    for (NetworkGraph.Tensor tensor : graph.tensors()) {
      StoredTensor stored = tensor.stored();
      requireKnown(tensor);
      if (attributes.putIfAbsent(stored, "w" + attributes.size()) == null) {
        if (!views.containsKey(stored.storage())) {
          storages.add(stored.storage());
        }
        views.computeIfAbsent(stored.storage(), s -> new ArrayList<>()).add(stored);
      }
    }
    int keys = 0;
    for (Storage storage : storages) {
      for (Piece piece : cut(storage, views.getOrDefault(storage, List.of()))) {
        piece.key = keys++;
      }
    }
  }

  private static void requireKnown(NetworkGraph.Tensor tensor) {
    ElementType type = tensor.stored().type();
    if (type == ElementType.UINT16 || type == ElementType.UINT32 || type == ElementType.UINT64) {
      throw new PalimpsestException(
          "Tensor '%s' is of type %s, which the runtime cannot read from an archive."
              .formatted(String.join(".", tensor.path()), type.displayName()));
    }
  }

  /** Pieces in order of their bytes, none of them overlapping another. */
  private List<Piece> cut(Storage storage, List<StoredTensor> views) {
    List<Piece> found = new ArrayList<>();
    List<StoredTensor> sorted = new ArrayList<>(views);
    sorted.sort(Comparator.comparingLong(v -> v.offset() * v.type().size()));
    for (StoredTensor view : sorted) {
      int width = view.type().size();
      long start = view.offset() * width;
      long end = start + view.span() * width;
      Piece last = found.isEmpty() ? null : found.get(found.size() - 1);
      if (last != null && start < last.end) {
        requireAligned(storage, last, start, width);
        last.end = Math.max(last.end, end);
      } else {
        last = new Piece(storage, width, start, end);
        found.add(last);
      }
      pieces.put(view, last);
    }
    byStorage.put(storage, found);
    return found;
  }

  private static void requireAligned(Storage storage, Piece piece, long start, int width) {
    if ((start - piece.start) % width != 0 || piece.width != width) {
      throw new PalimpsestException(
          "%s holds tensors of different types at the same place, which is not read."
              .formatted(storage.name()));
    }
  }

  private String code() {
    Map<Value, String> names = new HashMap<>();
    graph.tensors().forEach(t -> names.put(t.value(), attributes.getOrDefault(t.stored(), "")));
    return GraphCode.of(graph, names);
  }

  private void write(Path file, Map<String, String> code, List<Storage> some) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.setLevel(Deflater.NO_COMPRESSION);
      entry(FOLDER + "data.pkl", pickle(), zip);
      for (Map.Entry<String, String> text : code.entrySet()) {
        entry(text.getKey(), text.getValue().getBytes(StandardCharsets.UTF_8), zip);
      }
      for (Storage storage : some) {
        copy(storage, byStorage.getOrDefault(storage, List.of()), zip);
      }
      entry(FOLDER + "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}, zip);
      entry(FOLDER + "version", VERSION.getBytes(StandardCharsets.US_ASCII), zip);
    }
  }

  private static void entry(String name, byte[] content, ZipOutputStream zip) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static void copy(Storage storage, List<Piece> found, ZipOutputStream zip)
      throws IOException {
    try (InputStream in = new BufferedInputStream(storage.open(), BUFFER)) {
      byte[] block = new byte[BUFFER];
      long at = 0;
      for (Piece piece : found) {
        at = pass(in, piece.start - at, block, storage, null, 1) + at;
        zip.putNextEntry(new ZipEntry(FOLDER + "data/" + piece.key));
        at = pass(in, piece.end - at, block, storage, zip, piece.width) + at;
        zip.closeEntry();
      }
      pass(in, storage.bytes() - at, block, storage, null, 1);
      if (in.read() >= 0) {
        throw new PalimpsestException(
            "%s has more than its %s bytes: the file is damaged."
                .formatted(storage.name(), storage.bytes()));
      }
    }
  }

  private static long pass(
      InputStream in,
      long bytes,
      byte[] block,
      Storage storage,
      @Nullable OutputStream out,
      int width)
      throws IOException {
    for (long left = bytes; left > 0; ) {
      int some = in.readNBytes(block, 0, (int) Math.min(block.length, left));
      if (some == 0) {
        throw new EOFException("%s ends too early".formatted(storage.name()));
      }
      if (out != null) {
        if (storage.order() == ByteOrder.BIG_ENDIAN) {
          turnRound(block, some, width);
        }
        out.write(block, 0, some);
      }
      left -= some;
    }
    return bytes;
  }

  private static void turnRound(byte[] block, int bytes, int width) {
    for (int from = 0; from + width <= bytes; from += width) {
      for (int i = 0; i < width / 2; i++) {
        byte swapped = block[from + i];
        block[from + i] = block[from + width - 1 - i];
        block[from + width - 1 - i] = swapped;
      }
    }
  }

  private byte[] pickle() {
    Pickle pickle = new Pickle();
    pickle.beginObject(GraphCode.NETWORK);
    attributes.forEach(
        (stored, name) -> {
          pickle.text(name);
          Piece piece = pieces.get(stored);
          if (piece == null) {
            throw new IllegalStateException(name);
          }
          pickle.tensor(
              stored,
              piece.key,
              (piece.end - piece.start) / piece.width,
              piece.start / piece.width);
        });
    pickle.text(GraphCode.CHECKER);
    pickle.beginObject(GraphCode.SHAPES);
    pickle.endObject();
    for (int i = 0; i < graph.layers().size(); i++) {
      pickle.text(GraphCode.tap(i));
      pickle.beginObject(GraphCode.TAP);
      pickle.endObject();
    }
    pickle.endObject();
    return pickle.end();
  }

  /** The few opcodes that an archive needs. */
  private static final class Pickle {

    private static final int BYTE_MASK = 0xff;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Pickle() {
      opcodes(0x80, 2);
    }

    private void opcodes(int... codes) {
      for (int code : codes) {
        out.write(code);
      }
    }

    void beginObject(String type) {
      global("__torch__", type);
      opcodes(')', 0x81, '}', '(');
      text("training");
      opcodes(0x89);
    }

    void endObject() {
      opcodes('u', 'b');
    }

    byte[] end() {
      opcodes('.');
      return out.toByteArray();
    }

    private void global(String module, String name) {
      out.writeBytes("c%s\n%s\n".formatted(module, name).getBytes(StandardCharsets.US_ASCII));
    }

    void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      opcodes('X');
      littleEndian(bytes.length, Integer.BYTES);
      out.writeBytes(bytes);
    }

    private void littleEndian(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >> (Byte.SIZE * i)) & BYTE_MASK);
      }
    }

    private void number(long value) {
      if (value == (int) value) {
        opcodes('J');
        littleEndian(value, Integer.BYTES);
      } else {
        opcodes(0x8a, Long.BYTES);
        littleEndian(value, Long.BYTES);
      }
    }

    private void tuple(List<Long> numbers) {
      opcodes('(');
      numbers.forEach(this::number);
      opcodes('t');
    }

    void tensor(StoredTensor tensor, int key, long elements, long start) {
      global("torch._utils", "_rebuild_tensor_v2");
      opcodes('(', '(');
      text("storage");
      global("torch", storageType(tensor.type()));
      text(String.valueOf(key));
      text("cpu");
      number(elements);
      opcodes('t', 'Q');
      number(tensor.offset() - start);
      tuple(tensor.shape());
      tuple(tensor.strides());
      opcodes(0x89);
      global("collections", "OrderedDict");
      opcodes(')', 'R', 't', 'R');
    }

    private static String storageType(ElementType type) {
      return switch (type) {
        case FLOAT64 -> "DoubleStorage";
        case FLOAT32 -> "FloatStorage";
        case FLOAT16 -> "HalfStorage";
        case BFLOAT16 -> "BFloat16Storage";
        case INT64 -> "LongStorage";
        case INT32 -> "IntStorage";
        case INT16 -> "ShortStorage";
        case INT8 -> "CharStorage";
        case UINT8 -> "ByteStorage";
        case BOOL -> "BoolStorage";
        default -> throw new IllegalStateException("no storage of " + type);
      };
    }
  }
}
