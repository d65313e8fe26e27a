package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** The files of make_pt2_fixtures.py, and copies of them with something changed. */
public final class Pt2Files {

  static final String PROGRAM = "net/models/model.json";

  private static final ObjectMapper JSON = new ObjectMapper();

  private Pt2Files() {}

  static byte[] bytes(String name) {
    try (InputStream in = Pt2Files.class.getResourceAsStream("/pt2/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  static Path copy(String name, Path folder) throws IOException {
    return Files.write(folder.resolve(name), bytes(name));
  }

  static Map<String, byte[]> entries(String name) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes(name)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entries.put(entry.getName(), zip.readAllBytes());
      }
    }
    return entries;
  }

  static Path write(Map<String, byte[]> entries, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> one : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(one.getKey());
        CRC32 sum = new CRC32();
        sum.update(one.getValue());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(one.getValue().length);
        entry.setCrc(sum.getValue());
        zip.putNextEntry(entry);
        zip.write(one.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  /** The network of blocks with a changed program. */
  static Path edited(Consumer<ObjectNode> change, Path folder) throws IOException {
    return edited("net", change, folder);
  }

  /** One of the programs, changed. */
  static Path edited(String name, Consumer<ObjectNode> change, Path folder) throws IOException {
    Map<String, byte[]> entries = entries(name + ".pt2");
    String json = name + "/models/model.json";
    ObjectNode program = (ObjectNode) JSON.readTree(entries.get(json));
    change.accept(program);
    entries.put(json, JSON.writeValueAsBytes(program));
    return write(entries, folder.resolve("edited.pt2"));
  }
}
