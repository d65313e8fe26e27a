package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.VolumeFormat;

/** Small volumes with a mask, for the tests of cases and patches. */
abstract class SmallCases {

  static final int[] EXTENTS = {6, 5, 4}; // x, y, z

  @TempDir Path folder;

  Path image;
  Path mask;

  @BeforeEach
  void writeImages() throws IOException {
    float[] values = new float[6 * 5 * 4];
    float[] labels = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 6 < 3 ? 7 : i;
      labels[i] = i == 119 || i == 118 ? 2 : 0;
    }
    image = volume("case_0000.nii.gz", values);
    mask = volume("case.nii.gz", labels);
  }

  Path volume(String name, float[] values) throws IOException {
    return SmallNifti.write(folder.resolve(name), EXTENTS, new double[] {1, 1, 1}, values);
  }

  static byte[] second(String lineEnds) {
    ByteBuffer bytes = ByteBuffer.allocate(552).order(ByteOrder.LITTLE_ENDIAN).putInt(540);
    bytes.put(("n+2\0" + lineEnds).getBytes(StandardCharsets.ISO_8859_1));
    bytes.putShort((short) 16).putShort((short) 32).putLong(3).putLong(2).putLong(1).putLong(1);
    bytes.putLong(168, 544).putDouble(176, 1);
    for (int axis = 0; axis < 4; axis++) {
      bytes.putDouble(104 + 8 * axis, 1);
    }
    return bytes.putFloat(544, 1).array();
  }

  static void assertRefused(VolumeFormat format, Path file, String part) {
    assertThatThrownBy(() -> format.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), part);
  }

  void assertRefused(List<Path> files, OptionalInt channels, String... parts) {
    VolumePreparation preparation =
        new VolumePreparation(
            new PreparationPlan(
                JsonNodeFactory.instance.objectNode(),
                VolumeFormat.SIMPLE_ITK,
                channels,
                List.of(new NonzeroCrop(false)),
                List.of(),
                List.of(),
                List.of()));
    Path array = folder.resolve("refused.npy");
    assertThatThrownBy(
            () ->
                PatchSet.of(preparation, PatchRule.whole())
                    .write(CaseFiles.group(files, channels), array))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(parts);
    assertThat(array).doesNotExist();
  }
}
