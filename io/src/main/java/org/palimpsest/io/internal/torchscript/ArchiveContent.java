package org.palimpsest.io.internal.torchscript;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.ZipContents;

/**
 * What is read of an archive.
 *
 * @param file the archive
 * @param folder what the names of its entries begin with
 * @param formatVersion the version of the file format; 0 if the file does not tell
 * @param writtenSince21 whether it has the entry that PyTorch adds since its version 2.1
 * @param data what its pickle names
 * @param storages the storage types of its attributes and constants
 * @param library its code
 * @param root the network's class
 * @param outline the hash of all that a copy is made of but the numbers of the network's tensors;
 *     empty where that is more than is read at once
 */
record ArchiveContent(
    Path file,
    String folder,
    long formatVersion,
    boolean writtenSince21,
    PickleSummary data,
    Set<String> storages,
    ScriptLibrary library,
    ScriptClass root,
    Optional<String> outline) {

  private static final long MOST_CODE = 64L << 20;
  private static final long MOST_PICKLE = 64L << 20;
  private static final long MOST_VERSION = 64;
  private static final long MOST_OUTLINE = 16L << 20;
  private static final String DATA = "data.pkl";
  private static final String TENSORS = "data/";
  private static final String CODE = "code/";
  private static final List<String> VERSION = List.of("version", ".data/version");
  private static final String SINCE_21 = ".data/serialization_id";

  String codeFolder() {
    return folder + CODE;
  }

  /**
   * Reads an archive; unpickles nothing and runs nothing.
   *
   * @throws PalimpsestException if it is damaged
   */
  static ArchiveContent read(Path file, ZipContents zip) throws IOException {
    return new Reader(file, zip).read();
  }

  /**
   * What another archive holds if all but the numbers of its tensors is what this one holds.
   *
   * @throws PalimpsestException if it is damaged
   */
  Optional<ArchiveContent> ofSibling(Path other, ZipContents zip) throws IOException {
    Reader reader = new Reader(other, zip);
    String otherFolder = reader.folder();
    Optional<String> found = reader.outline(otherFolder);
    return found.isPresent() && found.equals(outline)
        ? Optional.of(
            new ArchiveContent(
                other,
                otherFolder,
                formatVersion,
                writtenSince21,
                data,
                storages,
                library,
                root,
                outline))
        : Optional.empty();
  }

  private record Reader(Path file, ZipContents zip) {

    ArchiveContent read() throws IOException {
      String folder = folder();
      PickleSummary data = PickleSummary.of(zip.readWhole(require(folder + DATA), MOST_PICKLE));
      ScriptLibrary library = library(folder);
      ScriptClass root = library.find(data.firstGlobal());
      if (root == null) {
        throw damaged(
            "its network is of class '%s', whose code is not in it".formatted(data.firstGlobal()));
      }
      return new ArchiveContent(
          file,
          folder,
          version(folder),
          find(folder + SINCE_21) != null,
          data,
          storages(folder, data),
          library,
          root,
          outline(folder));
    }

    /** Entries that hold the numbers of tensors, or say nothing of the network. */
    private static boolean isOutside(String entry) {
      return entry.startsWith(TENSORS) || entry.endsWith(".debug_pkl") || entry.equals(SINCE_21);
    }

    Optional<String> outline(String folder) throws IOException {
      SortedMap<String, ZipEntry> parts = new TreeMap<>();
      long bytes = 0;
      for (ZipEntry entry : zip.entries()) {
        String name = entry.getName();
        if (name.startsWith(folder) && !isOutside(name.substring(folder.length()))) {
          parts.put(name.substring(folder.length()), entry);
          bytes += entry.getSize();
        }
      }
      if (bytes > MOST_OUTLINE) {
        return Optional.empty();
      }
      List<byte[]> pieces = new ArrayList<>();
      for (Map.Entry<String, ZipEntry> part : parts.entrySet()) {
        byte[] content = zip.readWhole(part.getValue(), MOST_OUTLINE);
        String head = part.getKey() + "\n" + content.length + "\n";
        pieces.add(head.getBytes(StandardCharsets.UTF_8));
        pieces.add(content);
      }
      return Optional.of(Sha256.of(pieces));
    }

    private String folder() {
      List<String> folders = new ArrayList<>();
      for (ZipEntry entry : zip.entries()) {
        String name = entry.getName();
        int slash = name.indexOf('/');
        if (slash > 0 && name.substring(slash + 1).equals(DATA)) {
          folders.add(name.substring(0, slash + 1));
        }
      }
      if (folders.size() != 1) {
        throw damaged(
            folders.isEmpty()
                ? "it has no " + DATA
                : "it holds %s networks, in %s, where a file has one"
                    .formatted(folders.size(), folders));
      }
      return folders.get(0);
    }

    private @Nullable ZipEntry find(String name) {
      return zip.entries().stream().filter(e -> e.getName().equals(name)).findFirst().orElse(null);
    }

    private ZipEntry require(String name) {
      ZipEntry entry = find(name);
      if (entry == null) {
        throw damaged("it has no " + name);
      }
      return entry;
    }

    private long version(String folder) throws IOException {
      for (String name : VERSION) {
        ZipEntry entry = find(folder + name);
        if (entry != null) {
          byte[] bytes = zip.readWhole(entry, MOST_VERSION);
          return number(new String(bytes, StandardCharsets.US_ASCII).strip());
        }
      }
      return 0;
    }

    private long number(String text) {
      try {
        return Long.parseLong(text);
      } catch (NumberFormatException notANumber) {
        throw damaged("its format version is '%s', not a number".formatted(text));
      }
    }

    private Set<String> storages(String folder, PickleSummary data) throws IOException {
      Set<String> found = new TreeSet<>(data.storages());
      ZipEntry constants = find(folder + "constants.pkl");
      if (constants != null) {
        found.addAll(PickleSummary.of(zip.readWhole(constants, MOST_PICKLE)).storages());
      }
      return Set.copyOf(found);
    }

    private ScriptLibrary library(String folder) throws IOException {
      String codeFolder = folder + CODE;
      List<SourceFile> files = new ArrayList<>();
      long left = MOST_CODE;
      for (ZipEntry entry : zip.entries()) {
        String name = entry.getName();
        if (name.startsWith(codeFolder) && name.endsWith(".py")) {
          byte[] code = zip.readWhole(entry, left);
          left -= code.length;
          String path = name.substring(codeFolder.length(), name.length() - ".py".length());
          files.add(
              parse(
                  name.substring(folder.length()),
                  path.replace('/', '.'),
                  new String(code, StandardCharsets.UTF_8)));
        }
      }
      return new ScriptLibrary(files);
    }

    private SourceFile parse(String entry, String qualifier, String code) {
      try {
        return SourceFile.SourceParser.parse(entry, qualifier, code);
      } catch (PalimpsestException failure) {
        throw new PalimpsestException(file + ": " + failure.getMessage(), failure);
      }
    }

    private PalimpsestException damaged(String why) {
      return new PalimpsestException(
          "%s is damaged: %s. Copy it again from where it was made.".formatted(file, why));
    }
  }

  /**
   * What a look at a pickle's opcodes tells, without making anything of it.
   *
   * @param firstGlobal the first class that it names, as {@code module.Name}, or empty
   * @param savedInTraining whether any module in it has {@code training = True}
   * @param storages the storage types that it names, such as {@code HalfStorage}
   */
  record PickleSummary(String firstGlobal, boolean savedInTraining, Set<String> storages) {

    static PickleSummary of(byte[] pickle) {
      return new PickleScanner(pickle).scan();
    }

    /** Walks over a pickle's opcodes; builds no objects, and stops where it does not understand. */
    private static final class PickleScanner {

      private static final String TRAINING = "training";

      private final ByteBuffer pickle;
      private final Map<Integer, String> memo = new HashMap<>();
      private final Set<String> storages = new LinkedHashSet<>();
      private String firstGlobal = "";
      private boolean savedInTraining;
      private @Nullable String lastString;

      PickleScanner(byte[] bytes) {
        pickle = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      }

      PickleSummary scan() {
        try {
          while (step(pickle.get())) {}
        } catch (BufferUnderflowException | IllegalArgumentException truncated) {
          // What was seen so far is all that can be told; the runtime will say what is wrong.
        }
        return new PickleSummary(firstGlobal, savedInTraining, storages);
      }

      /** Takes one opcode with its argument; false at the end. */
      private boolean step(byte opcode) {
        switch (opcode & 0xff) {
          case 'c' -> global(line(), line());
          case 'X' -> lastString = text(pickle.getInt());
          case 'q' -> remember(pickle.get() & 0xff);
          case 'r' -> remember(pickle.getInt());
          case 'h' -> lastString = memo.get(pickle.get() & 0xff);
          case 'j' -> lastString = memo.get(pickle.getInt());
          case 0x88 -> truth();
          default -> {
            return other(opcode & 0xff);
          }
        }
        return true;
      }

      private boolean other(int opcode) {
        lastString = null;
        int argument =
            switch (opcode) {
              case '(', ')', '}', ']', 't', 'Q', 'N', 'R', 'b', 'u', 's', 'e', 'a', '0', 'l', 'd' ->
                  0;
              case 0x81, 0x85, 0x86, 0x87, 0x89 -> 0;
              case 0x80, 'K' -> 1;
              case 'M' -> 2;
              case 'J' -> Integer.BYTES;
              case 'G' -> Double.BYTES;
              case 0x8a, 'U' -> pickle.get() & 0xff;
              case 'T', 'B' -> pickle.getInt();
              default -> -1;
            };
        if (argument < 0) {
          return false;
        }
        pickle.position(pickle.position() + argument);
        return true;
      }

      private void global(String module, String name) {
        lastString = null;
        if (firstGlobal.isEmpty()) {
          firstGlobal = module + "." + name;
        }
        if (module.equals("torch") && name.endsWith("Storage")) {
          storages.add(name);
        }
      }

      private void truth() {
        savedInTraining |= TRAINING.equals(lastString);
        lastString = null;
      }

      private void remember(int index) {
        if (lastString != null) {
          memo.put(index, lastString);
        }
      }

      private String text(int length) {
        if (length < 0 || length > pickle.remaining()) {
          throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        pickle.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
      }

      private String line() {
        StringBuilder line = new StringBuilder();
        for (byte b = pickle.get(); b != '\n'; b = pickle.get()) {
          line.append((char) (b & 0xff));
        }
        return line.toString();
      }
    }
  }
}
