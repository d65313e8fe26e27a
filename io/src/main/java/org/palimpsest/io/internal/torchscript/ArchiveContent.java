package org.palimpsest.io.internal.torchscript;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
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
 */
record ArchiveContent(
    Path file,
    String folder,
    long formatVersion,
    boolean writtenSince21,
    PickleSummary data,
    Set<String> storages,
    ScriptLibrary library,
    ScriptClass root) {

  private static final long MOST_CODE = 64L << 20;
  private static final long MOST_PICKLE = 64L << 20;
  private static final long MOST_VERSION = 64;
  private static final String DATA = "data.pkl";
  private static final List<String> VERSION = List.of("version", ".data/version");
  private static final String SINCE_21 = ".data/serialization_id";

  String codeFolder() {
    return codeFolder(folder);
  }

  private static String codeFolder(String folder) {
    return folder + "code/";
  }

  /**
   * Reads an archive; unpickles nothing and runs nothing.
   *
   * @throws PalimpsestException if it is damaged
   */
  static ArchiveContent read(Path file, ZipContents zip) throws IOException {
    return new Reader(file, zip).read();
  }

  private record Reader(Path file, ZipContents zip) {

    ArchiveContent read() throws IOException {
      String folder = folder();
      PickleSummary data = PickleSummary.of(zip.readWhole(require(folder + DATA), MOST_PICKLE));
      ScriptLibrary library = library(codeFolder(folder));
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
          root);
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
                : "it holds %d networks, in %s, where a file has one"
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

    private ScriptLibrary library(String codeFolder) throws IOException {
      List<SourceFile> files = new ArrayList<>();
      long left = MOST_CODE;
      for (ZipEntry entry : zip.entries()) {
        String name = entry.getName();
        if (name.startsWith(codeFolder) && name.endsWith(".py")) {
          byte[] code = zip.readWhole(entry, left);
          left -= code.length;
          String path = name.substring(codeFolder.length(), name.length() - ".py".length());
          files.add(parse(name, path.replace('/', '.'), new String(code, StandardCharsets.UTF_8)));
        }
      }
      return new ScriptLibrary(files);
    }

    private SourceFile parse(String entry, String qualifier, String code) {
      try {
        return SourceParser.parse(entry, qualifier, code);
      } catch (PalimpsestException failure) {
        throw new PalimpsestException(file + ": " + failure.getMessage(), failure);
      }
    }

    private PalimpsestException damaged(String why) {
      return new PalimpsestException(
          "%s is damaged: %s. Copy it again from where it was made.".formatted(file, why));
    }
  }
}
