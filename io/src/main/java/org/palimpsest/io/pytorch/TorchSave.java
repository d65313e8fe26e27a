package org.palimpsest.io.pytorch;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.io.binary.ZipArchive;
import org.palimpsest.io.file.FileKind;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.Sha256;
import org.palimpsest.io.graph.Storage;
import org.palimpsest.io.graph.StoredTensor;
import org.palimpsest.io.pickle.PyDict;
import org.palimpsest.io.pickle.PyNone;

/**
 * A file that {@code torch.save} wrote, held open: its value, and its tensors, whose numbers are
 * read when they are needed. Nothing in it is run.
 */
public final class TorchSave implements AutoCloseable {

  /** Where the numbers of a storage lie. */
  private interface Numbers {
    Storage of(StorageRef storage);
  }

  private final Path file;
  private final Object value;
  private final Numbers numbers;
  private final Closeable source;
  private final Map<String, Storage> storages = new HashMap<>();

  private TorchSave(Path file, Object value, Numbers numbers, Closeable source) {
    this.file = file;
    this.value = value;
    this.numbers = numbers;
    this.source = source;
  }

  /** Whether it is such a file. */
  public static boolean isOne(FileKind kind) {
    return kind == FileKind.TORCH_CHECKPOINT
        || kind == FileKind.TORCH_MODULE
        || kind == FileKind.TORCH_LEGACY;
  }

  /**
   * Opens a file. Of the format from before PyTorch 1.6 all numbers are read at once.
   *
   * @throws PalimpsestException if it is none, is damaged, or names what could do harm
   */
  public static TorchSave open(Path file) {
    return FileKind.of(file) == FileKind.TORCH_LEGACY ? openLegacy(file) : openZip(file);
  }

  private static TorchSave openLegacy(Path file) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      LegacyContent content = LegacyContent.open(in, InputFiles.size(file), file.toString());
      Map<String, byte[]> read = content.storages();
      return new TorchSave(
          file,
          content.saved(),
          storage ->
              Storage.of(
                  "storage %s of %s".formatted(storage.key(), file),
                  read.getOrDefault(storage.key(), new byte[0]),
                  content.order()),
          () -> {});
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static TorchSave openZip(Path file) {
    ZipArchive archive = ZipArchive.open(file);
    try {
      ZipContent content = ZipContent.open(archive);
      ByteOrder order = content.byteOrder();
      return new TorchSave(
          file,
          content.saved(),
          storage -> new Entry(archive, content.entry(storage.key()), order),
          archive::close);
    } catch (IOException failure) {
      throw closed(archive, InputFiles.unreadable(file, failure));
    } catch (PalimpsestException failure) {
      throw closed(archive, failure);
    }
  }

  private static PalimpsestException closed(ZipArchive archive, PalimpsestException failure) {
    try {
      archive.close();
    } catch (IOException further) {
      failure.addSuppressed(further);
    }
    return failure;
  }

  /** What was saved. */
  public Object value() {
    return value;
  }

  /** An entry of the dictionary that was saved, or {@link PyNone} if there is none. */
  public Object entry(String key) {
    return value instanceof PyDict dict ? dict.get(key) : PyNone.NONE;
  }

  /** The name and hash of the file. */
  public Provenance provenance() {
    return new Provenance(file.toString(), Sha256.of(file), List.of());
  }

  /**
   * The tensors below a value by their names, parted by dots.
   *
   * @throws PalimpsestException if one of them cannot be read, or does not lie within its storage
   */
  public Map<String, StoredTensor> tensors(Object below) {
    NamedTensors found = NamedTensors.below(below, file.toString());
    if (!found.leftOut().isEmpty()) {
      throw new PalimpsestException(
          "%s holds a tensor that cannot be read: %s.".formatted(file, found.leftOut().get(0)));
    }
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    found.tensors().forEach((name, tensor) -> tensors.put(name, stored(tensor.tensor())));
    return tensors;
  }

  private StoredTensor stored(TensorRef tensor) {
    return new StoredTensor(
        storages.computeIfAbsent(tensor.storage().key(), key -> numbers.of(tensor.storage())),
        tensor.type(),
        Math.addExact(tensor.offset(), tensor.storage().viewOffset()),
        tensor.shape(),
        tensor.strides());
  }

  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** A storage that lies in an entry of the archive. */
  private record Entry(ZipArchive archive, String entry, ByteOrder order) implements Storage {

    @Override
    public String name() {
      return "'%s' of %s".formatted(entry, archive.file());
    }

    @Override
    public long bytes() {
      return archive.size(entry);
    }

    @Override
    public InputStream open() throws IOException {
      return new CheckedAtTheEnd(archive.open(entry), bytes());
    }
  }

  /** Holds the checksum against an entry when its last byte was read. */
  private static final class CheckedAtTheEnd extends FilterInputStream {

    private final ZipArchive.Content content;
    private long left;

    private CheckedAtTheEnd(ZipArchive.Content content, long bytes) throws IOException {
      super(new BufferedInputStream(content));
      this.content = content;
      this.left = bytes;
      if (bytes == 0) {
        content.finish();
      }
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      count(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] buffer, int start, int most) throws IOException {
      int count = super.read(buffer, start, most);
      count(Math.max(0, count));
      return count;
    }

    private void count(int bytes) throws IOException {
      left -= bytes;
      if (bytes > 0 && left == 0) {
        content.finish();
      }
    }
  }
}
