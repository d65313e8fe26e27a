package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.image.Preprocessing.Normalisation;

/** Volumes of NIfTI-1 and -2 as probes, laid out byte by byte after the standard's headers. */
class NiftiProbesTest {

  @TempDir private Path folder;

  /** A volume of NIfTI-1 whose numbers are put behind its header. */
  private static ByteBuffer first(ByteOrder order, int type, int bits, int count, int... extents) {
    ByteBuffer file = ByteBuffer.allocate(352 + count * bits / 8).order(order);
    file.putInt(0, 348).putShort(40, (short) extents.length);
    for (int axis = 0; axis < extents.length; axis++) {
      file.putShort(42 + 2 * axis, (short) extents[axis]);
    }
    file.putShort(70, (short) type).putShort(72, (short) bits).putFloat(108, 352);
    file.position(344);
    file.put("n+1\0".getBytes(StandardCharsets.US_ASCII));
    return file.position(352);
  }

  /** The same of NIfTI-2. */
  private static ByteBuffer second(ByteOrder order, int type, int bits, int count, int... extents) {
    ByteBuffer file = ByteBuffer.allocate(544 + count * bits / 8).order(order);
    file.putInt(0, 540).position(4);
    file.put("n+2\0\r\n\u001a\n".getBytes(StandardCharsets.US_ASCII));
    file.putShort(12, (short) type).putShort(14, (short) bits).putLong(16, extents.length);
    for (int axis = 0; axis < extents.length; axis++) {
      file.putLong(24 + 8 * axis, extents[axis]);
    }
    file.putLong(168, 544).putDouble(176, 1);
    return file.position(544);
  }

  private static ByteBuffer floats(int... extents) {
    int count = Arrays.stream(extents).reduce(1, (a, b) -> a * b);
    ByteBuffer file = first(ByteOrder.LITTLE_ENDIAN, 16, 32, count, extents);
    for (int i = 0; i < count; i++) {
      file.putFloat(i);
    }
    return file;
  }

  private Probes open(byte[] file, Preprocessing preprocessing) throws IOException {
    return Inputs.probes(Files.write(folder.resolve("case.nii"), file), preprocessing);
  }

  private double[] values(byte[] file, Preprocessing preprocessing) throws IOException {
    INDArray shown = open(file, preprocessing).batch(0, 1);
    double[] values = new double[(int) shown.length()];
    TensorReader.of(shown).read(0, values);
    return values;
  }

  private void assertRefused(byte[] file, String... words) {
    assertThatThrownBy(() -> values(file, Preprocessing.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("case.nii")
        .hasMessageContainingAll(words);
  }

  private void assertChangeRefused(Consumer<ByteBuffer> change, String... words) {
    ByteBuffer file = floats(2, 3, 4);
    change.accept(file);
    assertRefused(file.array(), words);
  }

  /** x varies fastest, so that it is the last axis here; one channel stands before them. */
  @Test
  void axesAreThoseOfTheFileInTheOtherOrder() throws IOException {
    Probes probes = open(floats(2, 3, 4).array(), Preprocessing.none());
    INDArray shown = probes.batch(0, 1);
    assertThat(shown.shape()).containsExactly(1, 1, 4, 3, 2);
    for (int z = 0; z < 4; z++) {
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 2; x++) {
          assertThat(shown.getDouble(0, 0, z, y, x)).isEqualTo(6 * z + 2 * y + x);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2, 8, 255, 255",
    "4, 16, -2, -2",
    "8, 32, -70000, -70000",
    "256, 8, -2, -2",
    "512, 16, -2, 65534",
    "768, 32, -16, 4294967280",
    "1024, 64, -70000, -70000",
    "1280, 64, 70000, 70000"
  })
  void integersOfEveryTypeInBothOrdersAndVersions(int type, int bits, long stored, double wanted)
      throws IOException {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
      for (ByteBuffer file :
          new ByteBuffer[] {
            first(order, type, bits, 2, 2, 1, 1), second(order, type, bits, 2, 2)
          }) {
        for (long value : new long[] {stored, 1}) {
          switch (bits) {
            case 8 -> file.put((byte) value);
            case 16 -> file.putShort((short) value);
            case 32 -> file.putInt((int) value);
            default -> file.putLong(value);
          }
        }
        assertThat(values(file.array(), Preprocessing.none())).containsExactly((float) wanted, 1);
      }
    }
  }

  @Test
  void axesOfExtentOneBeyondTheThirdAreDroppedAndOthersRefused() throws IOException {
    assertThat(open(floats(2, 3, 4, 1, 1).array(), Preprocessing.none()).batch(0, 1).shape())
        .containsExactly(1, 1, 4, 3, 2);
    assertThat(open(floats(5, 3).array(), Preprocessing.none()).batch(0, 1).shape())
        .containsExactly(1, 1, 3, 5);
    assertRefused(floats(2, 3, 4, 2).array(), "[2, 4, 3, 2] (time first)", "one volume");
  }

  /** value · slope + intercept, unless the slope is 0 or no number, when both are left out. */
  @ParameterizedTest
  @CsvSource({
    "2, -3, -3, -1, 1",
    "0.5, 10, 10, 10.5, 11",
    "0, 5, 0, 1, 2",
    "NaN, 5, 0, 1, 2",
    "Infinity, 5, 0, 1, 2",
    "-1, 0, 0, -1, -2"
  })
  void voxelsAreScaledAsTheHeaderSays(float slope, float intercept, double a, double b, double c)
      throws IOException {
    byte[] file = floats(3).putFloat(112, slope).putFloat(116, intercept).array();
    assertThat(values(file, Preprocessing.none())).containsExactly(a + 0.0, b, c);
  }

  @Test
  void scalingBeyondAnyNumberIsRefused() {
    assertChangeRefused(
        file -> file.putFloat(112, 1).putFloat(116, Float.NaN), "then adds NaN", "scl_inter");
    assertChangeRefused(
        file -> file.putFloat(112, Float.MAX_VALUE), "holds Infinity", "mend its pre-processing");
    ByteBuffer wide = first(ByteOrder.LITTLE_ENDIAN, 64, 64, 2, 2);
    wide.putDouble(1e39).putDouble(0);
    assertRefused(wide.array(), "holds 1.0E39");
    ByteBuffer notANumber = first(ByteOrder.BIG_ENDIAN, 16, 32, 2, 2);
    notANumber.putFloat(0).putFloat(Float.NaN);
    assertRefused(notANumber.array(), "holds NaN");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32, 128, 1536, 1792, 2048, 2304, 12345})
  void typesThatAreNoSingleNumberAreRefused(int type) {
    assertChangeRefused(
        file -> file.putShort(70, (short) type), "NIfTI type " + type, "colours or complex");
  }

  @Test
  void headersThatMakeNoSenseAreRefused() {
    assertChangeRefused(file -> file.putShort(40, (short) 8), "claims 8 axes", "1 to 7");
    assertChangeRefused(file -> file.putShort(40, (short) 0), "claims 0 axes");
    assertChangeRefused(file -> file.putShort(42, (short) 0), "[0, 3, 4]", "holds no voxel");
    assertChangeRefused(file -> file.putShort(44, (short) -3), "-3");
    assertChangeRefused(file -> file.putShort(46, (short) 5), "need 472 bytes, the file has 448");
    assertChangeRefused(file -> file.putFloat(108, 351), "begin at byte 351.0", "vox_offset");
    assertChangeRefused(file -> file.putFloat(108, 352.5f), "begin at byte 352.5");
    assertChangeRefused(file -> file.putFloat(108, Float.NaN), "begin at byte NaN");
    assertChangeRefused(file -> file.putFloat(108, 1e9f), "begin at byte 1.0E9");
    ByteBuffer second = second(ByteOrder.LITTLE_ENDIAN, 16, 32, 2, 2).putLong(168, 352);
    assertRefused(second.array(), "begin at byte 352.0", "544");
  }

  @Test
  void aHeaderWhoseVoxelsLieElsewhereIsRefused() {
    assertChangeRefused(file -> file.put(345, (byte) 'i').put(346, (byte) '1'), "case.nii");
    ByteBuffer header = floats(2, 3, 4);
    header.position(344).put("ni1\0".getBytes(StandardCharsets.US_ASCII));
    assertRefused(header.array(), "in another file", "save it as one .nii");
  }

  @Test
  void extensionsBeforeTheVoxelsArePassedOver() throws IOException {
    ByteBuffer file = ByteBuffer.allocate(352 + 48 + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.put(floats(2).array(), 0, 352).putFloat(108, 400).put(348, (byte) 1);
    file.putInt(352, 48).putInt(356, 6).putFloat(400, 7).putFloat(404, 8);
    assertThat(values(file.array(), Preprocessing.none())).containsExactly(7, 8);
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private static byte[] plus(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }

  @Test
  void packedVolumesAreReadWholeOrRefused() throws IOException {
    byte[] plain = floats(20, 30, 40).array();
    double[] wanted = values(plain, Preprocessing.none());
    byte[] packed = gzip(plain);
    assertThat(values(packed, Preprocessing.none())).containsExactly(wanted);
    byte[] halves =
        plus(
            gzip(Arrays.copyOf(plain, 40_000)),
            gzip(Arrays.copyOfRange(plain, 40_000, plain.length)));
    assertThat(values(halves, Preprocessing.none())).containsExactly(wanted);
    assertThat(values(plus(packed, new byte[700]), Preprocessing.none())).containsExactly(wanted);

    assertRefused(plus(packed, new byte[] {1, 2, 3}), "bytes that are not of gzip follow");
    assertRefused(Arrays.copyOf(packed, packed.length - 3), "ends too early: it is truncated");
    assertRefused(Arrays.copyOf(packed, packed.length - 20), "it is truncated");
    byte[] sum = packed.clone();
    sum[packed.length - 6] ^= 1;
    assertRefused(sum, "checksum or length of its gzip differs");
    byte[] later = plus(packed, packed);
    later[packed.length + 2] = 7;
    assertRefused(later, "gzip has method 7 and flags 0");
    later = plus(packed, packed);
    later[packed.length + 3] = (byte) 0xe0;
    assertRefused(later, "flags 224");
    byte[] damaged = packed.clone();
    Arrays.fill(damaged, packed.length / 2, packed.length / 2 + 50, (byte) 0xff);
    assertRefused(damaged, "damaged");
  }

  @Test
  void aPackedVolumeThatHoldsFewerVoxelsThanItSaysIsRefused() throws IOException {
    byte[] plain = floats(2, 3, 4).array();
    assertRefused(gzip(Arrays.copyOf(plain, plain.length - 4)), "truncated");
    byte[] endless = gzip(plus(plain, new byte[80 << 20]));
    assertRefused(endless, "goes on long after its voxels");
  }

  @Test
  void aVolumeIsStandardisedOverItsVoxelsAndNotResized() throws IOException {
    double[] values =
        values(floats(5).array(), Preprocessing.none().with(Normalisation.STANDARDISE));
    assertThat(Arrays.stream(values).sum()).isBetween(-1e-6, 1e-6);
    assertThat(Arrays.stream(values).map(v -> v * v).average().orElseThrow())
        .isBetween(1 - 1e-6, 1 + 1e-6);
    assertThat(values).isSorted();
    assertThatThrownBy(() -> values(floats(5).array(), Preprocessing.none().withChannels(3)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("case.nii is a volume", "Resample it beforehand");
    assertThatThrownBy(
            () -> values(floats(5).array(), Preprocessing.none().with(Normalisation.UNIT)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no greatest value");
    byte[] flat = floats(5).putFloat(112, 0x1p-149f).putFloat(116, 3).array();
    assertThatThrownBy(() -> values(flat, Preprocessing.none().with(Normalisation.STANDARDISE)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("one value everywhere");
  }
}
