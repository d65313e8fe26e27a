package org.palimpsest.io.fuzz;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * NIfTI-1 volumes of every type of number, in both byte orders, scaled in every way, their voxels
 * at any place.
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
    return new Sample(bytes.array(), ".nii", Map.of("", tensor), refusable);
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
