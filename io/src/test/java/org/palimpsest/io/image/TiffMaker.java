package org.palimpsest.io.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;

/** A TIFF image of one strip, tag by tag. */
final class TiffMaker {

  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int DESCRIPTION = 270;
  static final int OFFSET = 273;
  static final int SAMPLES = 277;
  static final int COUNT = 279;
  static final int COLOURS = 320;
  static final int TILE_OFFSETS = 324;
  static final int TILE_COUNTS = 325;
  static final int EXTRA = 338;
  static final int FORMAT = 339;
  static final int DEPTH = 32997;

  private static final int HEADER = 8;
  private static final int ASCII = 2;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private final Map<Integer, int[]> tags = new TreeMap<>();
  private byte[] strip;

  private TiffMaker(byte[] strip) {
    this.strip = strip;
  }

  static TiffMaker of(int width, int height, int bits, int samples, byte[] strip) {
    int[] depth = new int[samples];
    Arrays.fill(depth, bits);
    return new TiffMaker(strip)
        .with(256, width)
        .with(257, height)
        .with(258, depth)
        .with(COMPRESSION, 1)
        .with(PHOTOMETRIC, samples >= 3 ? 2 : 1)
        .with(OFFSET, HEADER)
        .with(SAMPLES, samples)
        .with(278, height)
        .with(COUNT, strip.length);
  }

  TiffMaker with(int tag, int... values) {
    tags.put(tag, values);
    return this;
  }

  TiffMaker without(int tag) {
    tags.remove(tag);
    return this;
  }

  TiffMaker described(String text) {
    return with(DESCRIPTION, (text + "\0").chars().toArray());
  }

  /** Packs the strip, and takes only some of what comes out. */
  TiffMaker packed(int compression, double part) {
    byte[] all =
        switch (compression) {
          case 8 -> deflated(strip);
          case 5 -> lzw(strip);
          case 32773 -> packBits(strip);
          default -> strip;
        };
    strip = Arrays.copyOf(all, (int) Math.ceil(all.length * part));
    return with(COMPRESSION, compression).with(COUNT, strip.length);
  }

  private static byte[] deflated(byte[] bytes) {
    Deflater deflater = new Deflater();
    deflater.setInput(bytes);
    deflater.finish();
    byte[] packed = new byte[2 * bytes.length + 64];
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  /** Literals between codes that forget all, so that each has 9 bits. */
  private static byte[] lzw(byte[] bytes) {
    StringBuilder bits = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      bits.append(i % 100 == 0 ? nineBits(256) : "").append(nineBits(bytes[i] & 0xff));
    }
    bits.append(nineBits(257)).append("0000000");
    byte[] packed = new byte[bits.length() / 8];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return packed;
  }

  private static String nineBits(int code) {
    return Integer.toBinaryString(512 | code).substring(1);
  }

  private static byte[] packBits(byte[] bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (byte one : bytes) {
      packed.write(0);
      packed.write(one);
    }
    return packed.toByteArray();
  }

  byte[] bytes() {
    int directory = HEADER + strip.length + strip.length % 2;
    int beyond = directory + 2 + 12 * tags.size() + 4;
    int size = beyond + tags.entrySet().stream().mapToInt(TiffMaker::length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(directory).put(strip);
    bytes.position(directory).putShort((short) tags.size());
    for (Map.Entry<Integer, int[]> tag : tags.entrySet()) {
      bytes.putShort(tag.getKey().shortValue()).putShort((short) type(tag.getKey()));
      bytes.putInt(tag.getValue().length);
      int next = bytes.position() + 4;
      if (length(tag) > 4) {
        bytes.putInt(beyond).position(beyond);
        beyond += length(tag);
      }
      for (int value : tag.getValue()) {
        put(bytes, type(tag.getKey()), value);
      }
      bytes.position(next);
    }
    return bytes.array();
  }

  private static void put(ByteBuffer bytes, int type, int value) {
    switch (type) {
      case ASCII -> bytes.put((byte) value);
      case SHORT -> bytes.putShort((short) value);
      default -> bytes.putInt(value);
    }
  }

  private static int type(int tag) {
    return switch (tag) {
      case DESCRIPTION -> ASCII;
      case OFFSET, COUNT, TILE_OFFSETS, TILE_COUNTS -> LONG;
      default -> SHORT;
    };
  }

  private static int length(Map.Entry<Integer, int[]> tag) {
    int each = type(tag.getKey()) == ASCII ? 1 : type(tag.getKey()) == SHORT ? 2 : 4;
    return tag.getValue().length * each;
  }
}
