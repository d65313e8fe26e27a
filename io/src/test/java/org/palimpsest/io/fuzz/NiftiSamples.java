package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * NIfTI-1 volumes of every type of number, in both byte orders, scaled in every way, their voxels
 * at any place, packed by gzip or not.
 */
final class NiftiSamples {

  private static final int HEADER = 352;
  private static final int MOST_OFFSET = 401;
  private static final float[] OFFSETS = {HEADER, HEADER, HEADER, 368, 401, 0, 348, 350, 1, -1};
  private static final float[] SCALES = {0, 1, 2, -0.5f, Float.NaN, Float.POSITIVE_INFINITY, 0.25f};

  private NiftiSamples() {}

  static Sample of(SplittableRandom random) {
    SoundFiles.Kind kind = SoundFiles.Kind.any(random);
    while (code(kind) == 0) {
      kind = SoundFiles.Kind.any(random);
    }
    long[] shape = SoundFiles.shape(3, random);
    int count = SoundFiles.elements(shape);
    ByteBuffer bytes =
        ByteBuffer.allocate(MOST_OFFSET + count * kind.size).order(SoundFiles.order(random));
    float offset = OFFSETS[random.nextInt(OFFSETS.length)];
    float slope = SCALES[random.nextInt(SCALES.length)];
    float intercept = SCALES[random.nextInt(SCALES.length)];
    write(bytes, kind, shape, slope, intercept);
    bytes.putFloat(108, offset);
    boolean scaled = slope != 0 && Float.isFinite(slope);
    double[] values = new double[count];
    bytes.position((int) Math.max(HEADER, offset));
    for (int i = 0; i < count; i++) {
      double value = kind.put(bytes, random);
      values[i] = scaled ? value * slope + intercept : value;
    }
    boolean refusable = scaled && !Float.isFinite(intercept) || offset < HEADER;
    Sample.Tensor tensor =
        new Sample.Tensor(values, new long[] {1, 1, shape[0], shape[1], shape[2]});
    return random.nextInt(3) > 0
        ? new Sample(bytes.array(), ".nii", Map.of("", tensor), refusable)
        : packed(bytes.array(), tensor, refusable, random);
  }

  /**
   * With one or several members of gzip, each with any of its settings, with zeros behind them, or
   * with what is not of gzip, which is to be refused.
   */
  private static Sample packed(
      byte[] volume, Sample.Tensor tensor, boolean refusable, SplittableRandom random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int from = 0;
    while (from < volume.length) {
      boolean last = random.nextBoolean();
      int to = last ? volume.length : from + random.nextInt(volume.length - from);
      member(Arrays.copyOfRange(volume, from, to), out, random);
      from = to;
    }
    out.writeBytes(new byte[random.nextInt(3) == 0 ? random.nextInt(600) : 0]);
    if (random.nextInt(4) > 0) {
      return new Sample(out.toByteArray(), ".nii.gz", Map.of("", tensor), refusable);
    }
    byte[] behind = new byte[random.nextInt(1, 40)];
    random.nextBytes(behind);
    behind[0] = (byte) random.nextInt(1, 31);
    out.writeBytes(behind);
    return Sample.lie(out.toByteArray(), ".nii.gz");
  }

  private static void member(byte[] part, ByteArrayOutputStream out, SplittableRandom random) {
    int flags = random.nextInt(32);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 0, 3});
    if ((flags & 4) != 0) {
      header.writeBytes(new byte[] {5, 0, 'A', 'B', 1, 0, 9});
    }
    if ((flags & 8) != 0) {
      header.writeBytes("name\0".getBytes(StandardCharsets.US_ASCII));
    }
    if ((flags & 16) != 0) {
      header.writeBytes("comment\0".getBytes(StandardCharsets.US_ASCII));
    }
    CRC32 sum = new CRC32();
    sum.update(header.toByteArray());
    if ((flags & 2) != 0) {
      header.write((int) sum.getValue());
      header.write((int) (sum.getValue() >> 8));
    }
    out.writeBytes(header.toByteArray());
    Deflater deflater = new Deflater(random.nextInt(10), true);
    deflater.setInput(part);
    deflater.finish();
    byte[] packed = new byte[2 * part.length + 100];
    out.write(packed, 0, deflater.deflate(packed));
    deflater.end();
    sum.reset();
    sum.update(part);
    ByteBuffer trailer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(trailer.putInt((int) sum.getValue()).putInt(part.length).array());
  }

  private static void write(
      ByteBuffer bytes, SoundFiles.Kind kind, long[] shape, float slope, float intercept) {
    bytes.putInt(0, 348).putShort(40, (short) 3);
    for (int axis = 0; axis < 3; axis++) {
      bytes.putShort(42 + 2 * axis, (short) shape[2 - axis]);
    }
    bytes.putShort(70, (short) code(kind)).putShort(72, (short) (8 * kind.size));
    bytes.putFloat(112, slope).putFloat(116, intercept);
    byte[] magic = "n+1".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < magic.length; i++) {
      bytes.put(344 + i, magic[i]);
    }
  }

  private static int code(SoundFiles.Kind kind) {
    return switch (kind) {
      case UNSIGNED_1 -> 2;
      case SIGNED_2 -> 4;
      case SIGNED_4 -> 8;
      case FLOAT -> 16;
      case DOUBLE -> 64;
      case SIGNED_1 -> 256;
      case UNSIGNED_2 -> 512;
      case UNSIGNED_4 -> 768;
      case SIGNED_8 -> 1024;
      case UNSIGNED_8 -> 1280;
      default -> 0;
    };
  }
}
