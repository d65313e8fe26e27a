package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.BoundedJson;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.ZipContents;
import org.palimpsest.internal.text.VisibleText;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.ZipStorage;
import org.palimpsest.io.internal.pytorch.TorchTensors;

/**
 * What lies in a {@code .pt2} file: the program as JSON, and its tensors by name. Three containers
 * are known: flat ones (PyTorch 2.1 to 2.7), those with a root folder whose weights are one file of
 * {@code torch.save} (2.8), and those with one file for each storage (2.9 and later).
 */
final class ExportedProgram implements AutoCloseable {

  static final String FLAT_PROGRAM = "serialized_exported_program.json";
  static final String FORMAT = "archive_format";

  private static final long LARGEST_PROGRAM = 256L << 20;
  private static final long LARGEST_CONFIGURATION = 64L << 20;
  private static final long LARGEST_WORD = 64;
  private static final List<String> FLAT_STATE =
      List.of("serialized_state_dict.pt", "serialized_state_dict.json");
  private static final List<String> FLAT_CONSTANTS =
      List.of("serialized_constants.pt", "serialized_constants.json");

  private final Path file;
  private final ZipContents zip;
  private final Map<String, ZipEntry> entries = new LinkedHashMap<>();
  private final Map<String, Storage> storages = new HashMap<>();
  private final List<TorchTensors> inner = new ArrayList<>();
  private final List<Path> temporary = new ArrayList<>();
  private final Map<String, StoredTensor> state = new LinkedHashMap<>();
  private final Map<String, StoredTensor> constants = new LinkedHashMap<>();
  private final JsonNode program;

  private ExportedProgram(Path file, ZipContents zip) throws IOException {
    this.file = file;
    this.zip = zip;
    zip.entries().forEach(entry -> entries.put(entry.getName(), entry));
    try {
      this.program = entries.containsKey(FLAT_PROGRAM) ? readFlat() : readFolder();
    } catch (IOException | RuntimeException failure) {
      release();
      throw failure;
    }
  }

  /**
   * Opens a file.
   *
   * @throws PalimpsestException if it is damaged, or is a package of compiled code
   */
  static ExportedProgram open(Path file) {
    try {
      ZipContents zip = ZipContents.open(file);
      try {
        return new ExportedProgram(file, zip);
      } catch (IOException | RuntimeException failure) {
        zip.close();
        throw failure;
      }
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** The program. */
  JsonNode program() {
    return program;
  }

  /** Parameters and buffers by name. */
  Map<String, StoredTensor> state() {
    return state;
  }

  /** Constants by name, among them buffers that are not kept. */
  Map<String, StoredTensor> constants() {
    return constants;
  }

  /** A tensor as old programs hold constants: a file of {@code torch.save} in base64. */
  StoredTensor embedded(String name, String base64) {
    try {
      byte[] bytes = Base64.getDecoder().decode(base64);
      Path copy = newTemporary();
      Files.write(copy, bytes);
      TorchTensors saved = TorchTensors.open(copy, "constant '%s' of %s".formatted(name, file));
      inner.add(saved);
      return saved.tensor(saved.saved()).orElseThrow(() -> damaged("'" + name + "' is no tensor"));
    } catch (IllegalArgumentException notBase64) {
      throw damaged("constant '%s' is not base64".formatted(name));
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private JsonNode readFlat() throws IOException {
    addSaved(FLAT_STATE, state);
    addSaved(FLAT_CONSTANTS, constants);
    return json(FLAT_PROGRAM, LARGEST_PROGRAM);
  }

  private void addSaved(List<String> names, Map<String, StoredTensor> tensors) throws IOException {
    for (String name : names) {
      if (entries.containsKey(name)) {
        tensors.putAll(saved(name));
        return;
      }
    }
  }

  private JsonNode readFolder() throws IOException {
    List<String> formats =
        entries.keySet().stream()
            .filter(n -> n.equals(FORMAT) || n.endsWith("/" + FORMAT))
            .filter(n -> n.indexOf('/') == n.lastIndexOf('/'))
            .toList();
    if (formats.size() != 1 || !word(formats.get(0)).equals("pt2")) {
      throw damaged("it has no archive_format 'pt2'");
    }
    String root = formats.get(0).substring(0, formats.get(0).length() - FORMAT.length());
    requireVersion(root + "archive_version");
    String models = root + "models/";
    List<String> programs =
        entries.keySet().stream()
            .filter(n -> n.startsWith(models) && n.endsWith(".json"))
            .filter(n -> n.indexOf('/', models.length()) < 0)
            .toList();
    if (programs.size() != 1) {
      throw programs.isEmpty() ? noProgram(root) : several(programs);
    }
    String name = programs.get(0);
    String model = name.substring(models.length(), name.length() - ".json".length());
    addFolder(root + "data/weights/", model, "weights", state);
    addFolder(root + "data/constants/", model, "constants", constants);
    return json(name, LARGEST_PROGRAM);
  }

  private PalimpsestException noProgram(String root) {
    boolean compiled =
        entries.keySet().stream().anyMatch(n -> n.startsWith(root + "data/aotinductor/"));
    return compiled
        ? new PalimpsestException(
            file
                + " is a package of AOTInductor: compiled code without a graph, which is not run"
                + " here. Save the program itself with torch.export.save.")
        : damaged("it holds no program");
  }

  private PalimpsestException several(List<String> programs) {
    return new PalimpsestException(
        "%s holds %s programs: %s. Save the one that is meant alone."
            .formatted(file, programs.size(), Union.shown(String.join(", ", programs))));
  }

  private void requireVersion(String name) throws IOException {
    if (entries.containsKey(name) && !word(name).equals("0")) {
      throw new PalimpsestException(
          "%s is a .pt2 archive of version %s; 0 is known. It was written by a newer PyTorch."
              .formatted(file, word(name)));
    }
  }

  private void addFolder(
      String folder, String model, String kind, Map<String, StoredTensor> tensors)
      throws IOException {
    String configuration = folder + model + "_" + kind + "_config.json";
    String saved = folder + model + ".pt";
    if (entries.containsKey(configuration)) {
      JsonNode all = json(configuration, LARGEST_CONFIGURATION).path("config");
      for (Map.Entry<String, JsonNode> one : all.properties()) {
        add(folder, one.getKey(), one.getValue(), tensors);
      }
    } else if (entries.containsKey(saved)) {
      tensors.putAll(saved(saved));
    }
  }

  private void add(String folder, String name, JsonNode entry, Map<String, StoredTensor> tensors)
      throws IOException {
    String path = folder + entry.path("path_name").asText();
    JsonNode meta = entry.path("tensor_meta");
    if (entry.path("use_pickle").asBoolean()) {
      TorchTensors saved = openSaved(path);
      saved.tensor(saved.saved()).ifPresent(tensor -> tensors.put(name, tensor));
    } else if (meta.isObject()) {
      TensorMeta known = TensorMeta.of(meta, "Tensor '%s' of %s".formatted(name, file));
      tensors.put(
          name,
          new StoredTensor(
              storage(path),
              known.type(),
              known.fixedOffset(),
              known.fixedSizes(),
              known.fixedStrides()));
    }
  }

  private Storage storage(String name) {
    return storages.computeIfAbsent(
        name, n -> new ZipStorage(zip, entry(n), file.toString(), ByteOrder.LITTLE_ENDIAN));
  }

  private Map<String, StoredTensor> saved(String name) throws IOException {
    TorchTensors saved = openSaved(name);
    return saved.below(saved.saved());
  }

  /** An archive within the archive is read by way of a private copy. */
  private TorchTensors openSaved(String name) throws IOException {
    ZipEntry entry = entry(name);
    Path copy = newTemporary();
    try (InputStream in =
        new ZipStorage(zip, entry, file.toString(), ByteOrder.LITTLE_ENDIAN).open()) {
      if (Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING) != entry.getSize()) {
        throw zip.damaged(entry, "it ends too early");
      }
    }
    TorchTensors saved = TorchTensors.open(copy, "'%s' in %s".formatted(name, file));
    inner.add(saved);
    return saved;
  }

  private Path newTemporary() throws IOException {
    Path copy = Files.createTempFile("palimpsest-", ".zip");
    temporary.add(copy);
    return copy;
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = entries.get(name);
    if (entry == null) {
      throw damaged("it has no entry '" + name + "'");
    }
    return entry;
  }

  private JsonNode json(String name, long largest) throws IOException {
    return BoundedJson.read(
        zip.readWhole(entry(name), largest), "'%s' in %s".formatted(name, file));
  }

  private String word(String name) throws IOException {
    byte[] bytes = zip.readWhole(entry(name), LARGEST_WORD);
    return new String(bytes, StandardCharsets.UTF_8).strip();
  }

  private PalimpsestException damaged(String why) {
    return new PalimpsestException(
        "%s is damaged: %s. Copy it again from where it was made.".formatted(file, why));
  }

  private void release() throws IOException {
    inner.forEach(TorchTensors::close);
    for (Path copy : temporary) {
      Files.deleteIfExists(copy);
    }
  }

  @Override
  public void close() {
    try {
      release();
      zip.close();
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /**
   * A value of one of several kinds. Old schemas write all kinds, those that it is not of as null;
   * new ones write the one.
   *
   * @param kind such as {@code as_tensor}
   */
  record Union(String kind, JsonNode value) {

    static final String NONE = "as_none";

    private static final int LONGEST_SHOWN = 200;

    static Union of(JsonNode node, String where) {
      if (!node.isObject()) {
        throw new PalimpsestException(where + " is damaged: no value of a known kind.");
      }
      Union found = null;
      for (Iterator<Map.Entry<String, JsonNode>> all = node.fields(); all.hasNext(); ) {
        Map.Entry<String, JsonNode> one = all.next();
        if (!one.getValue().isNull()) {
          if (found != null) {
            throw new PalimpsestException(
                "%s is damaged: one value is of the kinds %s and %s."
                    .formatted(where, shown(found.kind()), shown(one.getKey())));
          }
          found = new Union(one.getKey(), one.getValue());
        }
      }
      return found == null ? new Union(NONE, node) : found;
    }

    /** A text of the file as it may stand in a message or a table: in one line, and not endless. */
    static String shown(String text) {
      return inOneLine(text, LONGEST_SHOWN);
    }

    /** A text as one line of at most so many characters and a mark that it went on. */
    static String inOneLine(String text, int longest) {
      String begin = text.length() > longest ? text.substring(0, longest) + "…" : text;
      return VisibleText.of(begin);
    }

    boolean is(String other) {
      return kind.equals(other);
    }
  }
}
