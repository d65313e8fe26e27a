package org.palimpsest.io.fuzz;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SplittableRandom;

/** Grey TIFF images of every number of bits, with and without a sign, in both byte orders. */
final class TiffFileSamples {

  private static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final int HEADER = 8;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private TiffFileSamples() {}

  static Sample of(SplittableRandom random) {
    int bits = random.nextInt(5, 33);
    if (random.nextBoolean()) {
      bits = 8 << random.nextInt(3);
    }
    int format = random.nextInt(4) == 0 ? SIGNED : UNSIGNED;
    ByteOrder order = bits % 8 == 0 ? SoundFiles.order(random) : ByteOrder.BIG_ENDIAN;
    int width = random.nextInt(1, 6);
    int height = random.nextInt(1, 6);
    int rowBytes = (width * bits + 7) / 8;
    byte[] strip = new byte[rowBytes * height];
    double[] values = new double[width * height];
    for (int i = 0; i < values.length; i++) {
      BigInteger code = BigInteger.valueOf(random.nextLong() >>> 64 - bits);
      put(strip, i / width * rowBytes * 8 + i % width * bits, bits, code.longValue(), order);
      boolean negative = format == SIGNED && code.testBit(bits - 1);
      values[i] = (negative ? code.subtract(BigInteger.ONE.shiftLeft(bits)) : code).doubleValue();
    }
    byte[] file = file(strip, order, width, height, bits, format);
    boolean usual = bits == 8 || bits == 16 || bits == 32;
    boolean refusable = !usual || format == SIGNED && bits == 8;
    // images are float32
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) values[i];
    }
    Sample.Tensor tensor = new Sample.Tensor(values, new long[] {1, 1, height, width});
    return new Sample(file, ".tiff", Map.of("", tensor), refusable);
  }

  private static void put(byte[] strip, int at, int bits, long code, ByteOrder order) {
    for (int bit = 0; bit < bits; bit++) {
      if ((code >> bits - 1 - bit & 1) == 1) {
        int place = at + bit;
        int within = (place - at) / 8;
        boolean turned = order == ByteOrder.LITTLE_ENDIAN && bits % 8 == 0;
        int octet = turned ? at / 8 + bits / 8 - 1 - within : place / 8;
        strip[octet] |= (byte) (0x80 >> place % 8);
      }
    }
  }

  private static byte[] file(
      byte[] strip, ByteOrder order, int width, int height, int bits, int format) {
    int directory = HEADER + strip.length + strip.length % 2;
    int[][] tags = {
      {256, SHORT, width},
      {257, SHORT, height},
      {258, SHORT, bits},
      {259, SHORT, 1},
      {262, SHORT, 1},
      {273, LONG, HEADER},
      {277, SHORT, 1},
      {278, SHORT, height},
      {279, LONG, strip.length},
      {339, SHORT, format}
    };
    ByteBuffer bytes = ByteBuffer.allocate(directory + 2 + 12 * tags.length + 4).order(order);
    String mark = order == ByteOrder.BIG_ENDIAN ? "MM" : "II";
    bytes.put((byte) mark.charAt(0)).put((byte) mark.charAt(1)).putShort((short) 42);
    bytes.putInt(directory).put(strip).position(directory);
    bytes.putShort((short) tags.length);
    for (int[] tag : tags) {
      bytes.putShort((short) tag[0]).putShort((short) tag[1]).putInt(1);
      if (tag[1] == SHORT) {
        bytes.putShort((short) tag[2]).putShort((short) 0);
      } else {
        bytes.putInt(tag[2]);
      }
    }
    return bytes.array();
  }
}
