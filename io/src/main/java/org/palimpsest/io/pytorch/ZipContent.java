package org.palimpsest.io.pytorch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.ElementType;
import org.palimpsest.io.binary.Elements;
import org.palimpsest.io.binary.ZipArchive;
import org.palimpsest.io.pickle.Global;
import org.palimpsest.io.pickle.Unpickler;

/** The archives of PyTorch 1.6 and later, and of TorchScript. */
final class ZipContent implements TorchContent {

  private static final String PICKLE = "/data.pkl";

  private final ZipArchive archive;
  private final String root;
  private final TorchObjects objects;
  private final Object saved;

  private ZipContent(ZipArchive archive, String root, TorchObjects objects, Object saved) {
    this.archive = archive;
    this.root = root;
    this.objects = objects;
    this.saved = saved;
  }

  static ZipContent open(ZipArchive archive) throws IOException {
    String source = archive.file().toString();
    String pickle =
        archive.names().stream()
            .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.lastIndexOf('/'))
            .findFirst()
            .orElseThrow(() -> new PalimpsestException(source + " holds no data.pkl."));
    TorchObjects objects = new TorchObjects(source);
    try (ZipArchive.Content content = archive.open(pickle)) {
      InputStream in = new BufferedInputStream(content);
      Object saved = Unpickler.read(in, objects, source);
      if (in.read() >= 0) {
        throw new PalimpsestException(source + " has more than one pickle: it is damaged.");
      }
      content.finish();
      String root = pickle.substring(0, pickle.length() - PICKLE.length() + 1);
      return new ZipContent(archive, root, objects, saved);
    }
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
  public void read(TensorAssembly assembly) throws IOException {
    ByteOrder order = byteOrder();
    for (StorageSlot slot : assembly.slots()) {
      assembly.accept(slot, storage(slot, order));
    }
  }

  private INDArray storage(StorageSlot slot, ByteOrder order) throws IOException {
    String entry = root + "data/" + slot.key();
    long size = archive.size(entry);
    StorageRef storage = objects.storages().get(slot.key());
    int unit = storage == null ? 1 : storage.type().map(ElementType::size).orElse(1);
    if (storage == null || size / unit != storage.elements() || size % slot.type().size() != 0) {
      throw new PalimpsestException(
          "'%s' in %s has %d bytes, which is not what its pickle says: the file is damaged."
              .formatted(entry, archive.file(), size));
    }
    try (ZipArchive.Content in = archive.open(entry)) {
      INDArray numbers =
          Elements.read(
              in, slot.type(), order, size / slot.type().size(), archive.file().toString());
      in.finish();
      return numbers;
    }
  }

  private ByteOrder byteOrder() throws IOException {
    String entry = root + "byteorder";
    if (!archive.contains(entry)) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    try (ZipArchive.Content in = archive.open(entry)) {
      String order = new String(in.readNBytes(8), StandardCharsets.US_ASCII);
      in.finish();
      return switch (order) {
        case "big" -> ByteOrder.BIG_ENDIAN;
        case "little" -> ByteOrder.LITTLE_ENDIAN;
        default ->
            throw new PalimpsestException(
                "%s has the byte order '%s', which is not known: it is damaged."
                    .formatted(archive.file(), order));
      };
    }
  }
}
