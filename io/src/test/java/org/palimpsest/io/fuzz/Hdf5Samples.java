package org.palimpsest.io.fuzz;

import static org.palimpsest.io.fuzz.Hdf5Writer.join;
import static org.palimpsest.io.fuzz.Hdf5Writer.little;
import static org.palimpsest.io.fuzz.Hdf5Writer.name;
import static org.palimpsest.io.fuzz.Hdf5Writer.padded;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * HDF5 files with groups of both forms, every type of number in both orders, floating numbers of
 * other layouts, MATLAB's arrays, what is no number, links and second names.
 */
final class Hdf5Samples {

  private static final List<String> MATLAB = List.of("double", "single", "logical", "uint8");

  private final SplittableRandom random;
  private final Hdf5Writer writer;
  private final boolean modern;
  private final Map<String, Sample.Tensor> tensors = new LinkedHashMap<>();
  private boolean mayBeRefused;

  private Hdf5Samples(long seed, int startOfNumbers) {
    this.random = new SplittableRandom(seed);
    this.modern = random.nextBoolean();
    this.writer = new Hdf5Writer(modern, random.nextInt(4) == 0 ? 512 : 0, startOfNumbers);
  }

  /**
   * Half of them end with numbers, as most files of h5py do; made twice, to know how long all else
   * is.
   */
  static Sample of(SplittableRandom random) {
    long seed = random.nextLong();
    int startOfNumbers = -1;
    if (random.nextBoolean()) {
      Hdf5Samples measured = new Hdf5Samples(seed, 0);
      measured.group("", 0);
      startOfNumbers = measured.writer.size();
    }
    Hdf5Samples made = new Hdf5Samples(seed, startOfNumbers);
    byte[] bytes = made.writer.bytes(made.group("", 0));
    boolean refused = made.mayBeRefused || made.tensors.isEmpty();
    return new Sample(bytes, ".h5", made.tensors, refused);
  }

  private long group(String path, int depth) {
    List<Hdf5Writer.Link> links = new ArrayList<>();
    int count = random.nextInt(1, 4);
    for (int i = 0; i < count; i++) {
      String name = List.of("conv", "b c", "é", "w.0").get(random.nextInt(4)) + i;
      links.add(Hdf5Writer.Link.hard(name, numbers(path + name)));
    }
    if (random.nextInt(3) == 0) {
      links.add(Hdf5Writer.Link.hard("text", noNumbers()));
    }
    if (random.nextInt(4) == 0) {
      links.add(new Hdf5Writer.Link("soft", -1, "/" + links.get(0).name(), ""));
    }
    if (modern && random.nextInt(4) == 0) {
      links.add(new Hdf5Writer.Link("outer", -1, "/a", "other.h5"));
    }
    Sample.Tensor first = tensors.get(path + links.get(0).name());
    if (first != null && random.nextInt(5) == 0) {
      links.add(Hdf5Writer.Link.hard("twin", links.get(0).address()));
      tensors.put(path + "twin", first);
    }
    if (depth < 2 && random.nextBoolean()) {
      links.add(Hdf5Writer.Link.hard("inner", group(path + "inner/", depth + 1)));
    }
    return writer.group(links);
  }

  private long numbers(String path) {
    SoundFiles.Kind kind = SoundFiles.Kind.any(random);
    ByteOrder order = SoundFiles.order(random);
    long[] shape = SoundFiles.shape(random.nextInt(1, 6), random);
    double[] values = new double[SoundFiles.elements(shape)];
    ByteBuffer bytes = ByteBuffer.allocate(values.length * kind.size).order(order);
    for (int i = 0; i < values.length; i++) {
      values[i] = kind.put(bytes, random);
    }
    byte[] type = type(kind, order);
    if (random.nextInt(24) == 0) {
      odd(type, kind, values);
    }
    List<Hdf5Writer.Message> messages = new ArrayList<>();
    messages.add(new Hdf5Writer.Message(1, space(shape)));
    messages.add(new Hdf5Writer.Message(3, type));
    Hdf5Layout layout = new Hdf5Layout(random, writer, shape, kind.size, bytes.array());
    messages.addAll(layout.messages());
    mayBeRefused |= layout.mayBeRefused();
    layout.fill(values);
    attributes(messages, path, shape, values);
    if (layout.isLeftOut()) {
      tensors.remove(path);
    }
    return writer.object(messages, random.nextBoolean());
  }

  /** Marks of MATLAB turn the extents around, or say that it is no array of numbers. */
  private void attributes(
      List<Hdf5Writer.Message> messages, String path, long[] shape, double[] values) {
    Sample.Tensor tensor = new Sample.Tensor(values, columns(shape));
    switch (random.nextInt(10)) {
      case 0 -> {
        messages.add(attribute("MATLAB_class", MATLAB.get(random.nextInt(MATLAB.size()))));
        long[] reversed = new long[shape.length];
        Arrays.setAll(reversed, i -> shape[shape.length - 1 - i]);
        double[] turned = SoundFiles.fromFortran(values, reversed);
        tensors.put(path, new Sample.Tensor(turned, columns(reversed)));
      }
      case 1 -> messages.add(attribute("MATLAB_class", random.nextBoolean() ? "char" : "cell"));
      case 2 -> {
        messages.add(attribute("CLASS", "IMAGE"));
        tensors.put(path, tensor);
      }
      default -> tensors.put(path, tensor);
    }
  }

  /** One axis is read as samples of one feature. */
  private static long[] columns(long[] shape) {
    return shape.length == 1 ? new long[] {shape[0], 1} : shape;
  }

  private Hdf5Writer.Message attribute(String name, String text) {
    byte[] type = little(8).put(new byte[] {0x13, 0, 0, 0}).putInt(text.length()).array();
    byte[] space = new byte[8];
    space[0] = 1;
    boolean padded = random.nextBoolean();
    byte[] key = name(name);
    ByteBuffer head = little(padded ? 8 : 9).put((byte) (padded ? 1 : 3)).put((byte) 0);
    head.putShort((short) key.length).putShort((short) type.length).putShort((short) space.length);
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    return new Hdf5Writer.Message(
        12, join(head.array(), padded ? padded(key) : key, type, space, content));
  }

  private byte[] space(long[] shape) {
    boolean limits = random.nextInt(3) == 0;
    int longs = limits ? 2 * shape.length : shape.length;
    boolean version1 = random.nextBoolean();
    ByteBuffer space = little((version1 ? 8 : 4) + 8 * longs);
    space.put((byte) (version1 ? 1 : 2)).put((byte) shape.length).put((byte) (limits ? 1 : 0));
    space.put((byte) (version1 ? 0 : 1)).position(version1 ? 8 : 4);
    Arrays.stream(shape).forEach(space::putLong);
    if (limits) {
      Arrays.stream(shape).forEach(extent -> space.putLong(random.nextBoolean() ? -1 : extent));
    }
    return space.array();
  }

  private static byte[] type(SoundFiles.Kind kind, ByteOrder order) {
    int big = order == ByteOrder.BIG_ENDIAN ? 1 : 0;
    int bits = 8 * kind.size;
    return switch (kind) {
      case DOUBLE -> floating(big, 8, 52, 11, 1023);
      case FLOAT -> floating(big, 4, 23, 8, 127);
      case HALF -> floating(big, 2, 10, 5, 15);
      case BFLOAT -> floating(big, 2, 7, 8, 127);
      default -> {
        int signed = kind.name().startsWith("SIGNED") ? 8 : 0;
        ByteBuffer type = little(12).put((byte) 0x10).put((byte) (big | signed)).position(4);
        yield type.putInt(kind.size).putShort((short) 0).putShort((short) bits).array();
      }
    };
  }

  private static byte[] floating(int big, int size, int mantissa, int exponent, int bias) {
    int bits = 8 * size;
    ByteBuffer type = little(20).put((byte) 0x11).put((byte) (0x20 | big)).put((byte) (bits - 1));
    type.position(4).putInt(size).putShort((short) 0).putShort((short) bits);
    type.put((byte) mantissa).put((byte) exponent).put((byte) 0).put((byte) mantissa);
    return type.putInt(bias).array();
  }

  /**
   * Bits that mean something else than in the usual types: values that are refused, or rightly
   * read.
   */
  private void odd(byte[] type, SoundFiles.Kind kind, double[] values) {
    mayBeRefused = true;
    ByteBuffer bits = ByteBuffer.wrap(type).order(ByteOrder.LITTLE_ENDIAN);
    boolean floats = type[0] == 0x11;
    if (floats && random.nextBoolean()) {
      int less = random.nextInt(1, 8);
      bits.putInt(16, bits.getInt(16) - less);
      Arrays.setAll(values, i -> Math.scalb(values[i], less));
      return;
    }
    Arrays.fill(values, Double.NaN);
    switch (random.nextInt(floats ? 5 : 2)) {
      case 0 -> bits.putShort(10, (short) (8 * kind.size - 1));
      case 1 -> {
        bits.putShort(8, (short) 1);
        bits.putShort(10, (short) (8 * kind.size - 2));
      }
      case 2 -> type[1] ^= 0x40;
      case 3 -> type[1] &= (byte) 0xcf;
      default -> {
        type[12]--;
        type[13]++;
        type[15]--;
      }
    }
  }

  /** Text, bits, opaque bytes, an enumeration, references. */
  private long noNumbers() {
    ByteBuffer type =
        switch (random.nextInt(5)) {
          case 0 -> little(8).put((byte) 0x13).put((byte) random.nextInt(3)).position(4).putInt(8);
          case 1 ->
              little(12)
                  .put((byte) 0x14)
                  .position(4)
                  .putInt(8)
                  .putShort((short) 0)
                  .putShort((short) 64);
          case 2 -> little(16).put((byte) 0x15).put((byte) 8).position(4).putInt(8);
          case 3 -> little(8).put((byte) 0x17).position(4).putInt(8);
          default -> enumeration();
        };
    List<Hdf5Writer.Message> messages = new ArrayList<>();
    messages.add(new Hdf5Writer.Message(1, space(new long[] {2, 3})));
    messages.add(new Hdf5Writer.Message(3, type.array()));
    ByteBuffer layout = little(18).put((byte) 3).put((byte) 1);
    layout.putLong(writer.put(new byte[48])).putLong(48);
    messages.add(new Hdf5Writer.Message(8, layout.array()));
    return writer.object(messages, random.nextBoolean());
  }

  /** As h5py writes truth values, but of eight bytes. */
  private static ByteBuffer enumeration() {
    ByteBuffer type = little(8 + 12 + 16 + 16).put((byte) 0x18).put((byte) 2).position(4).putInt(8);
    type.put((byte) 0x10).put((byte) 8).position(12).putInt(8).putInt(64 << 16);
    type.put(padded(name("FALSE"))).put(padded(name("TRUE")));
    return type.putLong(0).putLong(1);
  }
}
