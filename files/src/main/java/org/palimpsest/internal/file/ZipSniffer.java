package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.palimpsest.core.PalimpsestException;

/** Tells what a ZIP archive is from the names of its entries. */
final class ZipSniffer {

  private static final int PICKLE_HEAD = 1 << 20;
  private static final String PICKLE = "data.pkl";
  private static final String LOCAL_PICKLE = "archive/data.pkl";
  private static final int END = 0x06054b50;
  private static final int END_SIZE = 22;
  private static final int ENDS_64_SIZE = 20 + 56;
  private static final long UNSIGNED = 0xffffffffL;
  private static final String MODULE_GLOBAL = "ctorch.nn.modules.";

  private static final Set<String> KERAS_ENTRIES =
      Set.of("config.json", "metadata.json", "model.weights.h5");

  private ZipSniffer() {}

  static FileKind sniff(Path file) throws IOException {
    try (ZipFile zip = ZipDirectory.open(file)) {
      return sniff(zip);
    } catch (ZipException damaged) {
      return FileKind.DAMAGED_ZIP;
    } catch (PalimpsestException refused) {
      if (isDistributed(file)) {
        return FileKind.TORCH_DISTRIBUTED;
      }
      return ZipDirectory.isPerhapsHonest(refused) ? FileKind.UNREAD_ZIP : FileKind.DAMAGED_ZIP;
    }
  }

  /** Whether the last of several archives of PyTorch's begins in the midst of the file. */
  private static boolean isDistributed(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long end = channel.size() - END_SIZE;
      if (end < END_SIZE + ENDS_64_SIZE) {
        return false;
      }
      ByteBuffer last = bytes(channel, end, END_SIZE);
      long beforeDirectory = (last.getInt(12) & UNSIGNED) + (last.getInt(16) & UNSIGNED);
      for (long directoryEnd : new long[] {end, end - ENDS_64_SIZE}) {
        long begin = directoryEnd - beforeDirectory;
        if (last.getInt(0) == END && begin > 0 && begin < end - LOCAL_PICKLE.length()) {
          byte[] start = bytes(channel, begin, 30 + LOCAL_PICKLE.length()).array();
          if (new String(start, StandardCharsets.ISO_8859_1).endsWith(LOCAL_PICKLE)) {
            return true;
          }
        }
      }
      return false;
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    channel.read(bytes, position);
    return bytes;
  }

  /** What is wrong with an archive that is damaged. */
  static Optional<String> damage(Path file) {
    try {
      return ZipDirectory.flaw(file)
          .or(() -> Optional.of("two networks in it, or names that differ in capitals alone"));
    } catch (IOException | PalimpsestException truncated) {
      return Optional.ofNullable(truncated.getCause()).map(Throwable::getMessage);
    }
  }

  private static FileKind sniff(ZipFile zip) throws IOException {
    Set<String> names = new HashSet<>();
    boolean arrays = false;
    Optional<ZipEntry> pickle = Optional.empty();
    for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
      String name = entry.getName();
      names.add(name);
      arrays |= name.endsWith(".npy");
      if (name.endsWith("/" + PICKLE) && name.indexOf('/') == name.lastIndexOf('/')) {
        if (pickle.isPresent()) {
          return FileKind.DAMAGED_ZIP; // two networks in one: PyTorch takes one or the other
        }
        pickle = Optional.of(entry);
      }
    }
    if (isExported(names)) {
      return FileKind.TORCH_EXPORT;
    }
    if (pickle.isPresent()) {
      if (names.stream().map(n -> n.toLowerCase(Locale.ROOT)).distinct().count() < names.size()) {
        return FileKind.DAMAGED_ZIP; // PyTorch does not tell them apart
      }
      return sniffTorch(zip, pickle.get(), names);
    }
    if (names.contains("configuration.json")
        && (names.contains("coefficients.bin") || names.contains("noParams.marker"))) {
      return FileKind.DL4J;
    }
    if (names.containsAll(KERAS_ENTRIES)) {
      return FileKind.KERAS_ARCHIVE;
    }
    return arrays ? FileKind.NPZ : FileKind.ZIP;
  }

  /** A program of torch.export: flat, or below one folder of whatever name. */
  private static boolean isExported(Set<String> names) {
    return names.contains("serialized_exported_program.json")
        || names.stream()
            .anyMatch(
                name -> name.endsWith("archive_format") && name.matches("([^/]+/)?archive_format"));
  }

  private static FileKind sniffTorch(ZipFile zip, ZipEntry pickle, Set<String> names)
      throws IOException {
    String name = pickle.getName();
    String root = name.substring(0, name.length() - PICKLE.length());
    if (names.contains(root + "constants.pkl")
        || names.stream().anyMatch(n -> n.startsWith(root + "code/"))) {
      return FileKind.TORCHSCRIPT;
    }
    try (InputStream in = zip.getInputStream(pickle)) {
      String start = new String(in.readNBytes(PICKLE_HEAD), StandardCharsets.ISO_8859_1);
      return start.contains(MODULE_GLOBAL) ? FileKind.TORCH_MODULE : FileKind.TORCH_CHECKPOINT;
    }
  }
}
