package org.palimpsest.io.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Makes sound archives of a saved DL4J network that two readers may take for different ones, or
 * that name classes in unusual places.
 *
 * <p>Right is a refusal, or the numbers of the entries that the table of contents names; and never
 * that a class named in the file is loaded or an object in it brought to life.
 */
final class UnusualSavedNetworks {

  private static final AtomicInteger SPRUNG = new AtomicInteger();

  /** Its name and its objects lie in the files. */
  static final class Trap implements Serializable {

    private static final long serialVersionUID = 1;

    static {
      SPRUNG.incrementAndGet();
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      SPRUNG.incrementAndGet();
    }
  }

  private record Part(String name, byte[] content, boolean listed) {}

  private static final String CONFIGURATION = "configuration.json";
  private static final String COEFFICIENTS = "coefficients.bin";
  private static final String TRAP = UnusualSavedNetworks.class.getName() + "$Trap";
  private static final String WEIGHT_INIT = "\"weightInitFn\" : {";
  private static final byte[] OBJECT = serialised();

  private UnusualSavedNetworks() {}

  /** Reads, and fails if that woke what it should not. */
  static <T> T watching(Supplier<T> reading) {
    int before = SPRUNG.get();
    try {
      return reading.get();
    } finally {
      if (SPRUNG.get() != before) {
        throw new IllegalStateException("a class or an object of the file came to life");
      }
    }
  }

  private static byte[] serialised() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject("trap");
      out.flush();
      byte[] text = bytes.toByteArray();
      byte[] name = TRAP.getBytes(StandardCharsets.UTF_8);
      ByteBuffer object = ByteBuffer.allocate(4 + 2 + 2 + name.length + 8 + 1 + 2 + 1 + 1);
      object.put(text, 0, 4).put((byte) 0x73).put((byte) 0x72);
      object.putShort((short) name.length).put(name).putLong(1);
      object.put((byte) 2).putShort((short) 0).put((byte) 0x78).put((byte) 0x70);
      return object.array();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static byte[] change(byte[] original, SplittableRandom random) {
    Map<String, byte[]> entries = entries(original);
    String json = new String(entries.get(CONFIGURATION), StandardCharsets.UTF_8);
    if (random.nextBoolean()) {
      json = named(json, random);
    }
    entries.put(CONFIGURATION, json.getBytes(StandardCharsets.UTF_8));
    List<Part> parts = new ArrayList<>();
    entries.forEach((name, content) -> parts.add(new Part(name, content, true)));
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add(random.nextInt(parts.size() + 1), added(entries, random));
    }
    return archive(parts);
  }

  /** The configuration with a class named in another way. */
  private static String named(String json, SplittableRandom random) {
    String loss = "\"@class\" : \"org.nd4j.linalg.lossfunctions.impl.LossMCXENT\"";
    String distribution =
        "\"weightInitFn\" : {\"@class\" : \"org.deeplearning4j.nn.weights.WeightInitDistribution\","
            + " \"distribution\" : {\"type\" : \"%s\"}}, \"unused\" : {".formatted(TRAP);
    return switch (random.nextInt(7)) {
      case 0 -> json.replace(loss, "\"@class\" : \"" + TRAP + "\", " + loss);
      case 1 -> json.replace(loss, loss + ", \"@class\" : \"" + TRAP + "\"");
      case 2 -> json.replace(loss, "\"@class\" : \"" + TRAP + "\"");
      case 3 -> json.replace(WEIGHT_INIT, distribution);
      case 4 ->
          json.replace(
              WEIGHT_INIT, "\"weightInitFn\" : [\"%s\", {}], \"unused\" : {".formatted(TRAP));
      case 5 ->
          json.replace(
              WEIGHT_INIT,
              "\"weightInit\" : \"DISTRIBUTION\", \"dist\" : [\"%s\", {}], \"unused\" : {"
                  .formatted(TRAP));
      default -> json + json;
    };
  }

  private static Part added(Map<String, byte[]> entries, SplittableRandom random) {
    boolean listed = random.nextBoolean();
    byte[] other = entries.get(COEFFICIENTS).clone();
    other[other.length - 1 - random.nextInt(64)] ^= (byte) (1 << random.nextInt(8));
    return switch (random.nextInt(5)) {
      case 0 -> new Part("preprocessor.bin", OBJECT, listed);
      case 1 -> new Part("normalizer.bin", OBJECT, listed);
      case 2 -> new Part("updaterState.bin", other, listed);
      case 3 -> new Part(COEFFICIENTS, other, listed);
      default -> new Part("x" + random.nextInt(1000) + ".json", OBJECT, listed);
    };
  }

  private static Map<String, byte[]> entries(byte[] archive) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(archive))) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        entries.put(e.getName(), in.readAllBytes());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return entries;
  }

  /** Stored entries, of which the table of contents names the listed ones alone. */
  private static byte[] archive(List<Part> parts) {
    ByteArrayOutputStream files = new ByteArrayOutputStream();
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    int listed = 0;
    for (Part part : parts) {
      byte[] name = part.name.getBytes(StandardCharsets.UTF_8);
      if (part.listed) {
        ByteBuffer entry = little(46).putInt(0x02014b50).putShort((short) 10);
        common(entry, part, name).position(42);
        table.writeBytes(entry.putInt(files.size()).array());
        table.writeBytes(name);
        listed++;
      }
      files.writeBytes(common(little(30).putInt(0x04034b50), part, name).array());
      files.writeBytes(name);
      files.writeBytes(part.content);
    }
    ByteBuffer end = little(22).putInt(0x06054b50).putInt(0);
    end.putShort((short) listed).putShort((short) listed).putInt(table.size()).putInt(files.size());
    files.writeBytes(table.toByteArray());
    files.writeBytes(end.array());
    return files.toByteArray();
  }

  private static ByteBuffer little(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer common(ByteBuffer header, Part part, byte[] name) {
    CRC32 sum = new CRC32();
    sum.update(part.content);
    header.putShort((short) 10).putInt(0).putInt(0).putInt((int) sum.getValue());
    header.putInt(part.content.length).putInt(part.content.length);
    return header.putShort((short) name.length);
  }
}
