package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * One volume, stored with its axes in any order and direction, and a header that tells so in one of
 * the ways of NIfTI: rows, a quaternion, both, NIfTI-1 or 2, either byte order, scaled integers,
 * axes of one voxel behind, units, voxels that begin later; or a header that contradicts itself.
 * Right is the volume turned to right, front and above, or a refusal of the contradiction.
 */
final class UnusualVolumes {

  /** Rotations by multiples of 90 degrees have such a, b, c, d. */
  private static final double[] PARTS = {0, 0.5, Math.sqrt(0.5), 1};

  private final SplittableRandom random;
  private final int[] extents = new int[3];
  private final double[] spacing = new double[3];

  /** Which axis of space each stored axis runs along, and in which direction. */
  private final int[] axis = {0, 1, 2};

  private final int[] sign = {1, 1, 1};
  private boolean contradicts;

  private UnusualVolumes(SplittableRandom random) {
    this.random = random;
    for (int i = 0; i < 3; i++) {
      extents[i] = random.nextInt(1, 6);
      spacing[i] = random.nextInt(1, 12) / 4.0;
      int other = random.nextInt(i + 1);
      int kept = axis[i];
      axis[i] = axis[other];
      axis[other] = kept;
      sign[i] = random.nextBoolean() ? 1 : -1;
    }
  }

  /** What is wrong with the reading of the volume of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    UnusualVolumes made = new UnusualVolumes(new SplittableRandom(seed));
    Path file = Files.write(folder.resolve("case_0000.nii"), made.file());
    Path list =
        Files.writeString(
            folder.resolve("list.json"),
            "[{\"_target_\": \"LoadImage\", \"ensure_channel_first\": true},"
                + " {\"_target_\": \"Orientation\", \"axcodes\": \"RAS\"}]");
    Path array = folder.resolve("turned.npy");
    String what =
        "axes %s, signs %s, extents %s, spacing %s"
            .formatted(
                Arrays.toString(made.axis),
                Arrays.toString(made.sign),
                Arrays.toString(made.extents),
                Arrays.toString(made.spacing));
    try {
      VolumePreparation preparation = VolumePreparation.ofMonai(list);
      List<CaseFiles> cases = CaseFiles.group(List.of(file), OptionalInt.empty());
      PatchSet.of(preparation, PatchRule.whole()).write(cases, array);
      String wrong = made.judge(NpyFile.read(array));
      return wrong.isEmpty() ? "" : wrong + " of " + what;
    } catch (PalimpsestException refused) {
      return made.contradicts ? "" : refused.getMessage() + " of " + what;
    } catch (RuntimeException failure) {
      return failure + " of " + what;
    }
  }

  private String judge(INDArray read) {
    if (contradicts) {
      return "a header that contradicts itself was read";
    }
    long[] shape = {1, 1, 0, 0, 0};
    for (int i = 0; i < 3; i++) {
      shape[2 + axis[i]] = extents[i];
    }
    if (!Arrays.equals(read.shape(), shape)) {
      return Arrays.toString(read.shape()) + " instead of " + Arrays.toString(shape);
    }
    double[] values = new double[(int) read.length()];
    TensorReader.of(read).read(0, values);
    for (int i = 0; i < values.length; i++) {
      int z = i % (int) shape[4];
      int y = i / (int) shape[4] % (int) shape[3];
      int x = i / (int) (shape[4] * shape[3]);
      if (values[i] != value(x, y, z)) {
        return "voxel %d,%d,%d is %s, not %s".formatted(x, y, z, values[i], value(x, y, z));
      }
    }
    return "";
  }

  /** What lies at a place counted to the right, the front and above. */
  private static double value(int x, int y, int z) {
    return 1 + 2 * (x + 8 * (y + 8 * z));
  }

  private byte[] file() {
    boolean second = random.nextInt(3) == 0;
    int header = (second ? 544 : 352) + 16 * random.nextInt(3);
    ByteBuffer bytes = ByteBuffer.allocate(header + 4 * extents[0] * extents[1] * extents[2]);
    bytes.order(random.nextBoolean() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    boolean scaled = random.nextBoolean();
    if (second) {
      second(bytes, header, scaled);
    } else {
      first(bytes, header, scaled);
    }
    bytes.position(header);
    for (int i = 0; i < extents[0] * extents[1] * extents[2]; i++) {
      int[] stored = {i % extents[0], i / extents[0] % extents[1], i / (extents[0] * extents[1])};
      int[] place = new int[3];
      for (int k = 0; k < 3; k++) {
        place[axis[k]] = sign[k] > 0 ? stored[k] : extents[k] - 1 - stored[k];
      }
      double value = value(place[0], place[1], place[2]);
      if (scaled) {
        bytes.putInt((int) (value - 1) / 2);
      } else {
        bytes.putFloat((float) value);
      }
    }
    return bytes.array();
  }

  private void first(ByteBuffer bytes, int header, boolean scaled) {
    bytes.putInt(0, 348).put(123, (byte) units());
    int axes = random.nextInt(3, 6);
    bytes.putShort(40, (short) axes);
    for (int i = 0; i < 7; i++) {
      bytes.putShort(42 + 2 * i, (short) (i < 3 ? extents[i] : 1));
    }
    bytes.putShort(70, (short) (scaled ? 8 : 16)).putShort(72, (short) 32);
    bytes.putFloat(108, header).putFloat(112, scaled ? 2 : slope()).putFloat(116, 1);
    contradicts = axes > 4;
    double[] all = placement();
    for (int i = 0; i < 4; i++) {
      bytes.putFloat(76 + 4 * i, (float) all[i]);
    }
    bytes.putShort(252, (short) all[4]).putShort(254, (short) all[5]);
    for (int i = 6; i < all.length; i++) {
      bytes.putFloat(256 + 4 * (i - 6), (float) all[i]);
    }
    bytes.position(344);
    bytes.put("n+1\0".getBytes(StandardCharsets.US_ASCII));
  }

  private void second(ByteBuffer bytes, int header, boolean scaled) {
    bytes.putInt(0, 540).putInt(500, units());
    bytes.position(4);
    bytes.put("n+2\0\r\n\u001a\n".getBytes(StandardCharsets.US_ASCII));
    bytes.putShort(12, (short) (scaled ? 8 : 16)).putShort(14, (short) 32);
    bytes.putLong(16, random.nextInt(3, 5));
    for (int i = 0; i < 7; i++) {
      bytes.putLong(24 + 8 * i, i < 3 ? extents[i] : 1);
    }
    bytes.putLong(168, header).putDouble(176, scaled ? 2 : slope()).putDouble(184, 1);
    double[] all = placement();
    for (int i = 0; i < 4; i++) {
      bytes.putDouble(104 + 8 * i, all[i]);
    }
    bytes.putInt(344, (int) all[4]).putInt(348, (int) all[5]);
    for (int i = 6; i < all.length; i++) {
      bytes.putDouble(352 + 8 * (i - 6), all[i]);
    }
  }

  /** MONAI and nibabel pass units over. */
  private int units() {
    return List.of(0, 1, 2, 3, 10, 26).get(random.nextInt(6));
  }

  /** Any that means that nothing is scaled. */
  private float slope() {
    return List.of(0f, Float.NaN, Float.POSITIVE_INFINITY).get(random.nextInt(3));
  }

  /** {@code pixdim[0..3]}, the two codes, the quaternion and its offsets, the rows. */
  private double[] placement() {
    double[] all = new double[6 + 6 + 12];
    boolean rows = random.nextBoolean();
    boolean quaternion = !rows || random.nextBoolean();
    double handed = handed();
    all[0] = quaternion ? handed : random.nextInt(-1, 2);
    for (int i = 0; i < 3; i++) {
      all[1 + i] = spacing[i];
      all[9 + i] = 10 * i - 7;
      all[12 + 4 * axis[i] + i] = sign[i] * spacing[i];
      all[12 + 4 * i + 3] = 10 * i - 7;
    }
    all[4] = quaternion ? random.nextInt(1, 5) : 0;
    all[5] = rows ? random.nextInt(1, 5) : 0;
    System.arraycopy(quaternion(handed), 0, all, 6, 3);
    disagree(all, rows, handed);
    return all;
  }

  /**
   * Rows count before a quaternion, but for MONAI only where their spacing is that of the header.
   */
  private void disagree(double[] all, boolean rows, double handed) {
    switch (random.nextInt(6)) {
      case 0 -> {
        if (rows) { // then nobody looks at the quaternion
          all[6] = 1;
          all[7] = 0;
          all[8] = 0;
        }
      }
      case 1 -> {
        int chosen = random.nextInt(3);
        all[1 + chosen] *= rows ? 1.5 : -1; // sizes count, signs do not
        all[0] = rows ? handed : all[0]; // then it is the quaternion that counts, of any code
      }
      default -> {}
    }
  }

  /** -1 where stored axes are those of a left hand. */
  private double handed() {
    boolean odd = (axis[1] - axis[0] + 3) % 3 != 1;
    return sign[0] * sign[1] * sign[2] * (odd ? -1 : 1);
  }

  /** The rotation by search: there are 24, and each has parts out of four sizes. */
  private double[] quaternion(double handed) {
    for (double a : PARTS) {
      for (double b : signed()) {
        for (double c : signed()) {
          for (double d : signed()) {
            boolean whole = Math.abs(a * a + b * b + c * c + d * d - 1) < 1e-9;
            if (whole && isRotation(a, b, c, d, handed)) {
              return new double[] {b, c, d};
            }
          }
        }
      }
    }
    throw new IllegalStateException("no rotation");
  }

  private static double[] signed() {
    double[] signed = new double[2 * PARTS.length];
    for (int i = 0; i < signed.length; i++) {
      signed[i] = i % 2 == 0 ? PARTS[i / 2] : -PARTS[i / 2];
    }
    return signed;
  }

  /** nifti1.h: the columns of R, the third times {@code qfac}, are the stored axes. */
  private boolean isRotation(double a, double b, double c, double d, double handed) {
    double[][] r = {
      {a * a + b * b - c * c - d * d, 2 * b * c - 2 * a * d, 2 * b * d + 2 * a * c},
      {2 * b * c + 2 * a * d, a * a + c * c - b * b - d * d, 2 * c * d - 2 * a * b},
      {2 * b * d - 2 * a * c, 2 * c * d + 2 * a * b, a * a + d * d - c * c - b * b}
    };
    for (int i = 0; i < 3; i++) {
      for (int row = 0; row < 3; row++) {
        double wanted = row == axis[i] ? sign[i] * (i == 2 ? handed : 1) : 0;
        if (Math.abs(r[row][i] - wanted) > 1e-6) {
          return false;
        }
      }
    }
    return true;
  }
}
