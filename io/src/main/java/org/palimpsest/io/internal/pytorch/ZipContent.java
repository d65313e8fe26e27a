package org.palimpsest.io.internal.pytorch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.ZipArchive;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.Unpickler;

/** The archives of PyTorch 1.6 and later, and of TorchScript. */
final class ZipContent implements TorchContent {

  private static final String PICKLE = "/data.pkl";

  private static final Pattern KNOWN_VERSION = Pattern.compile("[1-9]|10");

  private final String root;
  private final TorchObjects objects;
  private final Object saved;
  private boolean withoutChecksums;

  private ZipContent(String root, TorchObjects objects, Object saved, boolean withoutChecksums) {
    this.root = root;
    this.objects = objects;
    this.saved = saved;
    this.withoutChecksums = withoutChecksums;
  }

  static ZipContent open(ZipArchive archive) throws IOException {
    String source = archive.file().toString();
    String pickle =
        archive.names().stream()
            .filter(name -> name.endsWith(PICKLE) && name.indexOf('/') == name.lastIndexOf('/'))
            .findFirst()
            .orElseThrow(() -> new PalimpsestException(source + " holds no data.pkl."));
    archive.allowMissingChecksums();
    String root = pickle.substring(0, pickle.length() - PICKLE.length() + 1);
    requireKnownVersion(archive, root);
    TorchObjects objects = new TorchObjects(source);
    try (ZipArchive.Content content = archive.open(pickle)) {
      InputStream in = new BufferedInputStream(content);
      Object saved = Unpickler.read(in, objects, source);
      if (in.read() >= 0) {
        throw new PalimpsestException(source + " has more than one pickle: it is damaged.");
      }
      content.finish();
      return new ZipContent(root, objects, saved, archive.checksumsAreMissing());
    }
  }

  @Override
  public Object saved() {
    return saved;
  }

  /** PyTorch refuses files without a version or of one that it does not know. */
  private static void requireKnownVersion(ZipArchive archive, String root) throws IOException {
    String entry = archive.contains(root + ".data/version") ? ".data/version" : "version";
    try (ZipArchive.Content in = archive.open(root + entry)) {
      String version = new String(in.readNBytes(32), StandardCharsets.US_ASCII).strip();
      if (!KNOWN_VERSION.matcher(version).matches()) {
        throw new PalimpsestException(
            "%s says that it is of version '%s' of PyTorch's archives; 1 to 10 are known."
                .formatted(archive.file(), version));
      }
    }
  }

  @Override
  public List<String> notes() {
    return withoutChecksums
        ? List.of(
            "without checksums (torch.serialization.set_crc32_options(False)), so that damage to"
                + " its numbers would not show")
        : List.of();
  }

  @Override
  public Set<Global> named() {
    return objects.named();
  }

  @Override
  public void read(UnchangedFile watched, TensorAssembly assembly) {
    withoutChecksums |=
        ZipArchive.again(
            watched,
            archive -> {
              archive.allowMissingChecksums();
              ByteOrder order = byteOrder(archive);
              for (StorageSlot slot : assembly.slots()) {
                assembly.accept(slot, storage(archive, slot, order));
              }
              return archive.checksumsAreMissing();
            });
  }

  private INDArray storage(ZipArchive archive, StorageSlot slot, ByteOrder order)
      throws IOException {
    String entry = root + "data/" + slot.key();
    long size = archive.size(entry);
    StorageRef storage = objects.storages().get(slot.key());
    int unit = storage == null ? 1 : storage.type().map(ElementType::size).orElse(1);
    if (storage == null || size / unit != storage.elements() || size % slot.type().size() != 0) {
      throw new PalimpsestException(
          "'%s' in %s has %s bytes, which is not what its pickle says: the file is damaged."
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

  private ByteOrder byteOrder(ZipArchive archive) throws IOException {
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
