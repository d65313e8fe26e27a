package org.palimpsest.io.internal.pytorch;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.ZipContents;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.ZipStorage;
import org.palimpsest.io.internal.pickle.Unpickler;

/**
 * What {@code torch.save} of PyTorch 1.6 or later wrote, its tensors not read but known: where they
 * are in the file and how they lie there. Tensors that share a storage share it here as well.
 */
public final class TorchTensors implements AutoCloseable {

  private static final String PICKLE = "/data.pkl";
  private static final long LARGEST_PICKLE = 256L << 20;

  private final String source;
  private final ZipContents zip;
  private final String root;
  private final Object saved;
  private final Map<String, ZipEntry> entries = new HashMap<>();
  private final Map<String, Storage> storages = new HashMap<>();

  private TorchTensors(String source, ZipContents zip, String root, Object saved) {
    this.source = source;
    this.zip = zip;
    this.root = root;
    this.saved = saved;
    zip.entries().forEach(entry -> entries.put(entry.getName(), entry));
  }

  /**
   * Opens a file; close it when its tensors were read.
   *
   * @param source what to call it in messages
   * @throws PalimpsestException if it is no such file, is damaged, or names what could do harm
   */
  public static TorchTensors open(Path file, String source) {
    try {
      ZipContents zip = ZipContents.open(file);
      try {
        return read(zip, source);
      } catch (IOException | RuntimeException failure) {
        zip.close();
        throw failure;
      }
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static TorchTensors read(ZipContents zip, String source) throws IOException {
    List<ZipEntry> pickles =
        zip.entries().stream()
            .filter(entry -> entry.getName().endsWith(PICKLE))
            .filter(entry -> entry.getName().indexOf('/') == entry.getName().lastIndexOf('/'))
            .toList();
    if (pickles.size() != 1) {
      throw new PalimpsestException(
          "%s holds %s pickles named data.pkl where one is needed."
              .formatted(source, pickles.size()));
    }
    String name = pickles.get(0).getName();
    TorchObjects objects = new TorchObjects(source);
    byte[] pickle = zip.readWhole(pickles.get(0), LARGEST_PICKLE);
    InputStream in = new ByteArrayInputStream(pickle);
    Object saved = Unpickler.read(in, objects, source);
    if (in.read() >= 0) {
      throw new PalimpsestException(source + " has more than one pickle: it is damaged.");
    }
    String root = name.substring(0, name.length() - PICKLE.length() + 1);
    return new TorchTensors(source, zip, root, saved);
  }

  /** The value that was saved; its tensors are found by {@link #below}. */
  public Object saved() {
    return saved;
  }

  /** All tensors in a value, by the keys that lead to them, joined by dots. */
  public Map<String, StoredTensor> below(Object value) {
    NamedTensors found = NamedTensors.below(value, source);
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    found.tensors().forEach((name, tensor) -> tensors.put(name, stored(name, tensor.tensor())));
    return tensors;
  }

  /** How many storages the file has, named by its pickle or not. */
  public int storages() {
    return (int) entries.keySet().stream().filter(name -> name.startsWith(root + "data/")).count();
  }

  /** The tensor that a value is, if it is one. */
  public Optional<StoredTensor> tensor(Object value) {
    return value instanceof TensorRef tensor ? Optional.of(stored("it", tensor)) : Optional.empty();
  }

  private StoredTensor stored(String name, TensorRef tensor) {
    if (tensor.negated()) {
      throw new PalimpsestException(
          "Tensor '%s' of %s has its sign put off, which is not read here. Save tensor.resolve_neg()."
              .formatted(name, source));
    }
    tensor.requireWithin(tensor.available(), "Tensor '%s' of %s".formatted(name, source));
    long start = tensor.offset() + tensor.storage().viewOffset();
    return new StoredTensor(
        storage(tensor.storage()), tensor.type(), start, tensor.shape(), tensor.strides());
  }

  private Storage storage(StorageRef storage) {
    return storages.computeIfAbsent(storage.key(), key -> newStorage(storage));
  }

  private Storage newStorage(StorageRef storage) {
    String name = root + "data/" + storage.key();
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      throw new PalimpsestException("%s has no entry '%s': it is damaged.".formatted(source, name));
    }
    long width = storage.type().map(ElementType::size).orElse(1);
    if (storage.elements() != entry.getSize() / width) {
      throw new PalimpsestException(
          "'%s' in %s has %s bytes, which is not what its pickle says: the file is damaged."
              .formatted(name, source, entry.getSize()));
    }
    return new ZipStorage(zip, entry, source, byteOrder());
  }

  private ByteOrder byteOrder() {
    String name = root + "byteorder";
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    try {
      String order = new String(zip.readWhole(entry, 8), StandardCharsets.US_ASCII);
      return order.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    } catch (IOException failure) {
      throw new PalimpsestException(
          source + " cannot be read: " + InputFiles.reason(failure), failure);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException failure) {
      throw new PalimpsestException(source + " cannot be closed.", failure);
    }
  }
}
