package org.palimpsest.io.internal.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Elements;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.weights.StateDictNames;

/**
 * A safetensors file. Tensors are read one by one when they are asked for.
 *
 * <p>Read are F64, F32, F16, BF16, integers and BOOL; the header is held to the format: no tensor
 * twice, none outside the file, none overlapping another, no gap between them.
 */
public final class SafetensorsFile {

  private static final Pattern ATTRIBUTES = Pattern.compile("\\w+(\\.\\w+)*");
  private static final String METADATA = "__metadata__";
  private static final long MAX_HEADER = 16L << 20;
  private static final ObjectReader JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .reader();

  private static final int MOST_NAMED = 8;

  private final Path file;
  private final UnchangedFile watched;
  private final long dataStart;
  private final Map<String, SafetensorsEntry> entries;

  /** Names that were left out as they share their tensor, by name, with the one that was kept. */
  private final Map<String, String> shared;

  private SafetensorsFile(
      UnchangedFile watched,
      Path file,
      long dataStart,
      Map<String, SafetensorsEntry> entries,
      Map<String, String> shared) {
    this.watched = watched;
    this.file = file;
    this.shared = shared;
    this.dataStart = dataStart;
    this.entries = entries;
  }

  /**
   * Reads and checks the header.
   *
   * @throws PalimpsestException if it is no such file, or damaged
   */
  public static SafetensorsFile open(Path file) {
    InputFiles.require(file);
    UnchangedFile watched = UnchangedFile.since(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      long available = InputFiles.size(file) - Long.BYTES;
      byte[] size = in.readNBytes(Long.BYTES);
      long header =
          available <= 0 ? -1 : ByteBuffer.wrap(size).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (header < 2 || header > available || header > MAX_HEADER) {
        throw new PalimpsestException(
            "%s is no whole safetensors file: it claims a header of %s bytes and has %s."
                .formatted(file, header, available));
      }
      JsonNode root = JSON.readTree(utf8(in.readNBytes((int) header), file));
      requireReferenceForm(root, file);
      Map<String, SafetensorsEntry> entries = entries(root, file.toString());
      requireSeamless(entries, available - header, file);
      return new SafetensorsFile(
          watched, file, Long.BYTES + header, entries, shared(root, entries));
    } catch (JsonProcessingException damaged) {
      throw new PalimpsestException(
          file + " has a damaged header: " + JsonDamage.inWords(damaged) + ".", damaged);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static String utf8(byte[] header, Path file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header)).toString();
    } catch (CharacterCodingException damage) {
      throw new PalimpsestException(
          file + " has a header that is not UTF-8: it is damaged.", damage);
    }
  }

  /** As the library of the format's makers demands it. */
  private static void requireReferenceForm(JsonNode root, Path file) {
    if (!root.isObject()) {
      throw new PalimpsestException(file + " has a header that is no JSON object: it is damaged.");
    }
    JsonNode metadata = root.path(METADATA);
    boolean allText = metadata.isMissingNode() || metadata.isNull() || metadata.isObject();
    for (JsonNode value : metadata) {
      allText &= value.isTextual();
    }
    if (!allText) {
      throw new PalimpsestException(
          file + " has metadata that is not text by names: it is damaged.");
    }
  }

  private static Map<String, SafetensorsEntry> entries(JsonNode root, String source) {
    Map<String, SafetensorsEntry> entries = new LinkedHashMap<>();
    root.fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().equals(METADATA)) {
                entries.put(
                    field.getKey(),
                    SafetensorsEntry.parse(field.getKey(), field.getValue(), source));
              }
            });
    if (entries.isEmpty()) {
      throw new PalimpsestException(source + " holds no tensor.");
    }
    return entries;
  }

  /** What safetensors' save_model notes of tensors that it wrote under one of their names. */
  private static Map<String, String> shared(JsonNode root, Map<String, SafetensorsEntry> entries) {
    Map<String, String> shared = new LinkedHashMap<>();
    root.path(METADATA)
        .fields()
        .forEachRemaining(
            field -> {
              String other = field.getKey();
              String kept = field.getValue().asText();
              if (entries.containsKey(kept)
                  && !entries.containsKey(other)
                  && canBeShared(other, kept)) {
                shared.put(other, kept);
              }
            });
    return shared;
  }

  /**
   * Whether metadata tells of a tensor and not of something else whose value happens to be a name:
   * save_model keeps the first of the names in their order, and names are paths of attributes.
   */
  private static boolean canBeShared(String other, String kept) {
    return kept.compareTo(other) < 0
        && ATTRIBUTES.matcher(other).matches()
        && (other.indexOf('.') >= 0 || kept.indexOf('.') < 0);
  }

  private static void requireSeamless(
      Map<String, SafetensorsEntry> entries, long available, Path file) {
    List<SafetensorsEntry> byPlace = new ArrayList<>(entries.values());
    byPlace.sort(
        Comparator.comparingLong(SafetensorsEntry::begin).thenComparingLong(SafetensorsEntry::end));
    long next = 0;
    for (SafetensorsEntry entry : byPlace) {
      if (entry.begin() != next) {
        throw new PalimpsestException(
            "Tensor '%.80s' in %s begins at byte %s, not at %s: tensors overlap or leave gaps, so the file is damaged."
                .formatted(entry.name(), file, entry.begin(), next));
      }
      next = entry.end();
    }
    if (next != available) {
      throw new PalimpsestException(
          "%s should hold %s bytes of numbers and holds %s: it is truncated or damaged."
              .formatted(file, next, available));
    }
  }

  /** The tensors' names, in the header's order. */
  public List<String> names() {
    return List.copyOf(entries.keySet());
  }

  /**
   * Reads one tensor: float32 if it is of a floating type of at most 32 bits, else float64.
   *
   * @throws PalimpsestException if there is none of that name, or its type is not read
   */
  public INDArray read(String name) {
    SafetensorsEntry entry = entries.get(name);
    if (entry == null) {
      throw new PalimpsestException(
          "%s has no tensor '%s'. Nearest: %s."
              .formatted(
                  file, name, String.join(", ", Suggestions.nearest(name, entries.keySet()))));
    }
    ElementType type =
        entry
            .type()
            .orElseThrow(
                () ->
                    new PalimpsestException(
                        "Tensor '%s' in %s is of type %s, which is not read."
                            .formatted(name, file, entry.dtype())));
    if (entry.isEmpty()) {
      throw new PalimpsestException(
          "Tensor '%s' in %s has the shape %s: it is empty. Leave it out (--layers)."
              .formatted(name, file, entry.shape()));
    }
    return read(entry, type);
  }

  private INDArray read(SafetensorsEntry entry, ElementType type) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(channel, entry, type);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private INDArray read(FileChannel channel, SafetensorsEntry entry, ElementType type)
      throws IOException {
    channel.position(dataStart + entry.begin());
    InputStream in = Channels.newInputStream(channel);
    long elements = (entry.end() - entry.begin()) / type.size();
    String source = "Tensor '" + entry.name() + "' in " + file;
    return Elements.read(in, type, ByteOrder.LITTLE_ENDIAN, elements, source)
        .reshape('c', Shapes.array(entry.shape()));
  }

  /** The same arrays under the other names that they have in the network. */
  private void addShared(List<WeightTensor> tensors) {
    Map<String, WeightTensor> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    shared.forEach(
        (other, name) -> {
          WeightTensor tensor = byName.get(name);
          if (tensor != null) {
            tensors.add(
                new WeightTensor(other, tensor.values(), tensor.dtype(), tensor.layerKind()));
          }
        });
  }

  /**
   * Reads all tensors as the weights of a network, shared ones under each of their names. Those
   * that are empty or of a type that is not read are left out, which the provenance says.
   */
  public Weights weights() {
    List<String> leftOut = new ArrayList<>();
    List<WeightTensor> tensors = readAll(leftOut);
    if (tensors.isEmpty()) {
      throw new PalimpsestException(
          "%s holds no weights that can be read; left out: %s."
              .formatted(file, Names.shortened(leftOut, MOST_NAMED)));
    }
    addShared(tensors);
    List<String> notes = new ArrayList<>();
    if (!leftOut.isEmpty()) {
      notes.add("left out: " + String.join(", ", leftOut));
    }
    if (!shared.isEmpty()) {
      notes.add(
          shared.entrySet().stream()
              .map(pair -> pair.getKey() + " is " + pair.getValue())
              .collect(Collectors.joining(", ", "shared, as the metadata tells: ", "")));
    }
    Provenance provenance = new Provenance(file.toString(), watched.sha256(), notes);
    return StateDictNames.unwrapped(Weights.of(provenance, InputFiles.name(file), tensors));
  }

  private List<WeightTensor> readAll(List<String> leftOut) {
    List<WeightTensor> tensors = new ArrayList<>();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (SafetensorsEntry entry : entries.values()) {
        Optional<ElementType> type = entry.type();
        if (type.isEmpty() || entry.isEmpty()) {
          leftOut.add(
              "%s (%s)"
                  .formatted(
                      entry.name(),
                      type.isEmpty()
                          ? "of type %s, which is not read; save it as F32".formatted(entry.dtype())
                          : "empty"));
        } else {
          INDArray values = read(channel, entry, type.get());
          tensors.add(
              new WeightTensor(entry.name(), values, type.get().displayName(), LayerKind.UNKNOWN));
        }
      }
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
    return tensors;
  }

  /**
   * What a safetensors file says of one tensor.
   *
   * @param name its name
   * @param dtype the format's name of its type, such as {@code BF16}
   * @param shape its shape; empty for a single number
   * @param begin where its numbers begin, counted from the end of the header
   * @param end where they end
   */
  private record SafetensorsEntry(
      String name, String dtype, List<Long> shape, long begin, long end) {

    private static final Map<String, ElementType> TYPES =
        Map.ofEntries(
            Map.entry("F64", ElementType.FLOAT64),
            Map.entry("F32", ElementType.FLOAT32),
            Map.entry("F16", ElementType.FLOAT16),
            Map.entry("BF16", ElementType.BFLOAT16),
            Map.entry("I64", ElementType.INT64),
            Map.entry("I32", ElementType.INT32),
            Map.entry("I16", ElementType.INT16),
            Map.entry("I8", ElementType.INT8),
            Map.entry("U64", ElementType.UINT64),
            Map.entry("U32", ElementType.UINT32),
            Map.entry("U16", ElementType.UINT16),
            Map.entry("U8", ElementType.UINT8),
            Map.entry("BOOL", ElementType.BOOL));

    static SafetensorsEntry parse(String name, JsonNode node, String source) {
      JsonNode offsets = node.path("data_offsets");
      JsonNode extents = node.path("shape");
      boolean whole =
          node.path("dtype").isTextual()
              && extents.isArray()
              && offsets.isArray()
              && offsets.size() == 2
              && offsets.path(0).isIntegralNumber()
              && offsets.path(1).isIntegralNumber()
              && offsets.path(0).canConvertToLong()
              && offsets.path(1).canConvertToLong();
      List<Long> shape = new ArrayList<>();
      for (JsonNode extent : extents) {
        whole &= extent.isIntegralNumber() && extent.canConvertToLong();
        shape.add(extent.asLong());
      }
      if (!whole) {
        throw new PalimpsestException(
            "%s describes tensor '%.80s' in an unknown way: it is damaged."
                .formatted(source, name));
      }
      SafetensorsEntry entry =
          new SafetensorsEntry(
              name,
              node.path("dtype").asText(),
              List.copyOf(shape),
              offsets.path(0).asLong(),
              offsets.path(1).asLong());
      entry.requireFitting(source);
      return entry;
    }

    private void requireFitting(String source) {
      String what = "Tensor '%.80s' in %s".formatted(name, source);
      long elements = Shapes.elements(shape, what);
      boolean fits = begin >= 0 && end >= begin;
      if (fits && type().isPresent()) {
        fits =
            elements == (end - begin) / type().get().size()
                && (end - begin) % type().get().size() == 0;
      }
      if (!fits) {
        throw new PalimpsestException(
            "%s claims %s numbers of shape %s in the bytes %s to %s: the file is damaged."
                .formatted(what, dtype, shape, begin, end));
      }
    }

    /** Its type, if it is one that is read. */
    Optional<ElementType> type() {
      return Optional.ofNullable(TYPES.get(dtype));
    }

    boolean isEmpty() {
      return shape.contains(0L);
    }
  }
}
