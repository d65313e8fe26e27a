package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** NPY arrays of every type, order, version and number of axes that NumPy writes, and NPZ. */
final class NpySamples {

  private static final int MOST_AXES = 32;
  private static final int MOST_THAT_ARE_READ = 8;
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private NpySamples() {}

  private record Made(byte[] bytes, Sample.Tensor tensor) {}

  static Sample npy(SplittableRandom random) {
    Made made = array(random, random.nextInt(4) == 0 ? MOST_AXES : MOST_THAT_ARE_READ);
    boolean refusable = made.tensor().shape().length > MOST_THAT_ARE_READ;
    return new Sample(made.bytes(), ".npy", Map.of("", made.tensor()), refusable);
  }

  static Sample npz(SplittableRandom random) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Map<String, Sample.Tensor> tensors = new LinkedHashMap<>();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        Made made = array(random, MOST_THAT_ARE_READ);
        ZipEntry entry = new ZipEntry("layer." + i + ".npy");
        if (random.nextBoolean()) {
          CRC32 sum = new CRC32();
          sum.update(made.bytes());
          entry.setMethod(ZipEntry.STORED);
          entry.setSize(made.bytes().length);
          entry.setCrc(sum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(made.bytes());
        tensors.put("layer." + i, made.tensor());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new Sample(bytes.toByteArray(), ".npz", tensors, false);
  }

  private static Made array(SplittableRandom random, int mostAxes) {
    SoundFiles.Kind kind = SoundFiles.Kind.any(random);
    while (kind == SoundFiles.Kind.BFLOAT) {
      kind = SoundFiles.Kind.any(random);
    }
    ByteOrder order = SoundFiles.order(random);
    boolean fortran = random.nextBoolean();
    long[] shape = SoundFiles.shape(random.nextInt(2, mostAxes + 1), random);
    if (mostAxes > MOST_THAT_ARE_READ) {
      Arrays.fill(shape, Math.min(shape.length, 6), shape.length, 1);
    }
    byte[] header = header(kind, order, fortran, shape, random.nextInt(1, 4));
    int count = SoundFiles.elements(shape);
    ByteBuffer bytes = ByteBuffer.allocate(header.length + count * kind.size).order(order);
    bytes.put(header);
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = kind.put(bytes, random);
    }
    double[] ordered = fortran ? SoundFiles.fromFortran(values, shape) : values;
    return new Made(bytes.array(), new Sample.Tensor(ordered, shape));
  }

  private static byte[] header(
      SoundFiles.Kind kind, ByteOrder order, boolean fortran, long[] shape, int version) {
    String extents =
        Arrays.stream(shape).mapToObj(extent -> extent + ",").collect(Collectors.joining(" "));
    String text =
        "{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s), }"
            .formatted(
                kind.size == 1 ? "|" : order == ByteOrder.BIG_ENDIAN ? ">" : "<",
                code(kind),
                fortran ? "True" : "False",
                extents);
    int start = MAGIC.length + 2 + (version == 1 ? 2 : 4);
    int padding = 63 - (start + text.length()) % 64;
    byte[] words = (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(start + words.length).order(ByteOrder.LITTLE_ENDIAN).put(MAGIC);
    bytes.put((byte) version).put((byte) 0);
    if (version == 1) {
      bytes.putShort((short) words.length);
    } else {
      bytes.putInt(words.length);
    }
    return bytes.put(words).array();
  }

  private static String code(SoundFiles.Kind kind) {
    return switch (kind) {
      case FLOAT, DOUBLE, HALF, BFLOAT -> "f" + kind.size;
      case TRUTH -> "b1";
      default -> (kind.name().startsWith("SIGNED") ? "i" : "u") + kind.size;
    };
  }
}
