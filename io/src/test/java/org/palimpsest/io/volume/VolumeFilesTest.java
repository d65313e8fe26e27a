package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.volume.VolumeFormat;

/** What NIfTI files say of themselves, read or refused as the tools do. */
class VolumeFilesTest extends SmallCases {

  @Test
  void headersThatAToolRefusesAreRefused() throws IOException {
    Path flat = small("flat.nii", 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0);
    assertRefused(VolumeFormat.SIMPLE_ITK, flat, "right angles");
    assertRefused(VolumeFormat.SIMPLE_ITK, small("none.nii", new double[12]), "right angles");
    Path unknown = small("nan.nii", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
    change(unknown, bytes -> bytes.putFloat(80, Float.NaN));
    assertThat(VolumeFormat.SIMPLE_ITK.read(unknown).geometry().spacing()).containsOnly(1.0);
    assertRefused(VolumeFormat.NIBABEL, unknown, "pixdim");
    assertRefused(VolumeFormat.MONAI, unknown, "pixdim");
    Path turned = small("turned_by.nii", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
    change(
        turned,
        bytes -> bytes.putShort(252, (short) 1).putShort(254, (short) 0).putFloat(264, 1.0001f));
    assertThat(VolumeFormat.SIMPLE_ITK.read(turned).channels()).hasDimensions(1, 2);
    assertRefused(VolumeFormat.NIBABEL, turned, "longer than 1");
    assertRefused(VolumeFormat.NIBABEL_TURNED, turned, "longer than 1");
    change(turned, bytes -> bytes.putShort(254, (short) 1)); // rows count before it
    assertThat(VolumeFormat.NIBABEL.read(turned).channels()).hasDimensions(1, 2);
    Path line = small("line.nii", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
    change(line, bytes -> bytes.putShort(40, (short) 1));
    assertRefused(VolumeFormat.SIMPLE_ITK, line, "one axis");
  }

  @Test
  void namesAndVersionsThatAToolRefusesAreRefused() throws IOException {
    Path packed = Files.copy(image, folder.resolve("packed.nii"));
    for (VolumeFormat format : List.of(VolumeFormat.SIMPLE_ITK, VolumeFormat.MONAI)) {
      assertRefused(format, packed, "goes by the name");
    }
    Path plain = small("plain.nii", 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
    Path named = Files.move(plain, folder.resolve("plain.nii.gz"));
    assertRefused(VolumeFormat.NIBABEL, named, "called .gz");
    assertThat(VolumeFormat.SIMPLE_ITK.read(named).channels()).hasDimensions(1, 2);
    Path second = Files.write(folder.resolve("second.nii"), second("\r\n\u001a\n"));
    assertThat(VolumeFormat.NIBABEL.read(second).channels()).hasDimensions(1, 2);
    assertRefused(VolumeFormat.SIMPLE_ITK, second, "NIfTI-2");
    Files.write(second, second("\n\n\u001a\n"));
    assertRefused(VolumeFormat.NIBABEL, second, "copy as text");
  }

  private Path small(String name, double... rows) throws IOException {
    return SmallNifti.write(
        folder.resolve(name),
        new int[] {2, 1, 1},
        new double[] {1, 1, 1},
        rows,
        new float[] {1, 2});
  }

  private static void change(Path file, Consumer<ByteBuffer> header) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    header.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    Files.write(file, bytes);
  }

  @Test
  void slopesOfZeroAreReadAsEachToolReadsThem() throws IOException {
    Path file =
        SmallNifti.write(
            folder.resolve("scaled.nii"),
            new int[] {2, 1, 1},
            new double[] {1, 1, 1},
            new float[] {1, 2});
    for (float slope : new float[] {0, Float.NaN, 1e-20f}) {
      scale(file, slope, 7);
      assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(8, 9);
    }
    scale(file, 0, 7);
    assertThat(VolumeFormat.NIBABEL.read(file).channels()[0]).containsExactly(1, 2);
    assertThat(VolumeFormat.MONAI.read(file).channels()[0]).containsExactly(1, 2);
    scale(file, 0, Float.NaN);
    assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(1, 2);
    scale(file, 2, 7);
    assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(9, 11);
    for (float intercept : new float[] {1e-17f, -0x1p-52f, 0}) { // as SimpleITK 2.5.7 has it
      scale(file, 1, intercept);
      assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(1, 2);
    }
    scale(file, 0x1p-52f, -3);
    assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(1, 2);
    scale(file, 3e38f, 0);
    assertThatThrownBy(() -> VolumeFormat.NIBABEL.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "E38", "float32");
  }

  @Test
  void anInterceptThatItkPassesOverLeavesZerosAtZero() throws IOException {
    Path file =
        SmallNifti.write(
            folder.resolve("scaled.nii"),
            new int[] {2, 1, 1},
            new double[] {1, 1, 1},
            new float[] {0, 2});
    scale(file, 1, 1e-17f);
    assertThat(VolumeFormat.SIMPLE_ITK.read(file).channels()[0]).containsExactly(0, 2);
    assertThat(VolumeFormat.NIBABEL.read(file).channels()[0]).containsExactly(1e-17f, 2);
  }

  private static void scale(Path file, float slope, float intercept) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(112, slope)
        .putFloat(116, intercept);
    Files.write(file, bytes);
  }

  @Test
  void whatIsStoredInOtherDirectionsIsNotLaidOverTheImageWhereMonaiReadsIt() throws IOException {
    int[] extents = {2, 2, 2};
    double[] spacing = {1, 1, 1};
    float[] values = {0, 1, 0, 1, 0, 1, 0, 1};
    Path image = SmallNifti.write(folder.resolve("a.nii"), extents, spacing, values);
    double[] turned = {-1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0};
    Path other = SmallNifti.write(folder.resolve("b.nii"), extents, spacing, turned, values);
    double[] moved = {1, 0, 0, 0.25, 0, 1, 0, 0, 0, 0, 1, 0};
    Path near = SmallNifti.write(folder.resolve("c.nii"), extents, spacing, moved, values);
    List<String> notes = new ArrayList<>();

    assertThatThrownBy(
            () -> VolumeFormat.MONAI.read("a", List.of(image), Optional.of(other), notes))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("a.nii", "b.nii", "different directions");
    for (Path second : List.of(other, near)) {
      assertThatThrownBy(
              () -> VolumeFormat.MONAI.read("a", List.of(image, second), Optional.empty(), notes))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("a.nii", second.getFileName().toString(), "MONAI");
    }
    VolumeFormat.MONAI.read("a", List.of(image), Optional.of(near), notes);
    VolumeFormat.SIMPLE_ITK.read("a", List.of(image, other), Optional.of(other), notes);
  }

  @Test
  void axesRightBetweenTwoDirectionsAreNotTurned() throws IOException {
    double[] rows = {1, -1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0};
    double length = Math.sqrt(2);
    Path file =
        SmallNifti.write(
            folder.resolve("turned.nii"),
            EXTENTS,
            new double[] {length, length, 1},
            rows,
            new float[120]);
    assertThatThrownBy(() -> VolumeFormat.NIBABEL_TURNED.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "between two directions");
    assertThat(VolumeFormat.NIBABEL.read(file).geometry().extents()).containsExactly(4, 5, 6);
    rows[4] = 1.001;
    SmallNifti.write(file, EXTENTS, new double[] {length, length, 1}, rows, new float[120]);
    assertThat(VolumeFormat.NIBABEL_TURNED.read(file).geometry().extents())
        .containsExactlyInAnyOrder(4, 5, 6);
  }

  @Test
  void damagedAndUnsuitableFilesAreOneClearLine() throws IOException {
    float[] values = new float[120];
    values[31] = Float.NaN;
    assertRefused(List.of(volume("nan.nii.gz", values)), OptionalInt.of(1), "NaN at [1, 0, 1]");
    assertRefused(
        List.of(volume("zero.nii", new float[120])), OptionalInt.of(1), "zero everywhere");
    float[] many = new float[8000];
    for (int i = 0; i < many.length; i++) {
      many[i] = i * 7919 % 4001;
    }
    Path large =
        SmallNifti.write(
            folder.resolve("large.nii.gz"), new int[] {20, 20, 20}, new double[] {1, 1, 1}, many);
    byte[] whole = Files.readAllBytes(large);
    Path half = Files.write(folder.resolve("half.nii.gz"), Arrays.copyOf(whole, whole.length / 2));
    assertRefused(List.of(half), OptionalInt.of(1), "truncated");
    whole[whole.length - 8] ^= 1;
    Path wrongSum = Files.write(folder.resolve("wrong.nii.gz"), whole);
    assertRefused(List.of(wrongSum), OptionalInt.of(1), "damaged: copy or write it again");
    Path colours =
        SmallNifti.write(
            folder.resolve("colours.nii"),
            new int[] {2, 2, 2, 3},
            new double[] {1, 1, 1},
            new float[24]);
    assertRefused(List.of(colours), OptionalInt.of(1), "3 channels", "give images of 1 channel.");
    Path five =
        SmallNifti.write(
            folder.resolve("five.nii"),
            new int[] {2, 2, 2, 1, 3},
            new double[] {1, 1, 1},
            new float[24]);
    assertRefused(List.of(five), OptionalInt.of(1), "[2, 2, 2, 1, 3]");
    double[] sheared = {1, 0.5, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    Path shear =
        SmallNifti.write(
            folder.resolve("shear.nii"), EXTENTS, new double[] {1, 1, 1}, sheared, values);
    assertRefused(List.of(shear), OptionalInt.of(1), "right angles");
    Path text = Files.writeString(folder.resolve("a.nrrd"), "NRRD0004");
    assertRefused(List.of(text), OptionalInt.of(1), "Convert it");
  }

  @Test
  void axesOfExtentOneAreTurnedWithTheirSpacing() throws IOException {
    double[] rows = {0, 2, 0, 0, 0, 0, 3, 0, 1, 0, 0, 0};
    Path one =
        SmallNifti.write(
            folder.resolve("one.nii"),
            new int[] {1, 1, 1},
            new double[] {1, 2, 3},
            rows,
            new float[] {4});
    assertThat(VolumeFormat.NIBABEL_TURNED.read(one).geometry().spacing())
        .containsExactly(1.0, 3.0, 2.0);
  }
}
