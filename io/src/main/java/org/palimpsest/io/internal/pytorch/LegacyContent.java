package org.palimpsest.io.internal.pytorch;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.Unpickler;

/**
 * Files from before PyTorch 1.6: a magic number, a version, facts about the machine, the value and
 * the storages' keys as five pickles, then the storages, each after its number of elements.
 */
final class LegacyContent implements TorchContent {

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

  private static LegacyContent open(Counted in, long fileBytes, String source) throws IOException {
    TorchObjects objects = TorchObjects.ofOldFormat(source);
    Unpickler.read(in, objects, source); // the magic number
    Object version = Unpickler.read(in, objects, source);
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
          "%s has a storage of %d numbers where its pickle says %d, in a file of %d bytes: it is damaged."
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
