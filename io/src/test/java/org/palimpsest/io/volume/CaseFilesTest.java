package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.volume.VolumeFormat;

/** Which files make a case, and which mask is its own. */
class CaseFilesTest extends SmallCases {

  @Test
  void twoMasksThatFitACaseAreNamedAndThoseOfLongerNamesFitThose() throws IOException {
    Path other = Files.copy(image, folder.resolve("case_b_0000.nii.gz"));
    Path ofOther = Files.copy(mask, folder.resolve("case_b_seg.nii.gz"));
    List<CaseFiles> both = CaseFiles.group(List.of(image, other), OptionalInt.of(1));
    assertThat(CaseFiles.withMasks(both, List.of(mask, ofOther)))
        .extracting(one -> one.mask().orElseThrow())
        .containsExactly(mask, ofOther);
    Path second = Files.copy(mask, folder.resolve("case-old.nii.gz"));
    assertThatThrownBy(() -> CaseFiles.withMasks(both, List.of(mask, ofOther, second)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("case has several masks", mask.toString(), second.toString());
  }

  @Test
  void filesOfACaseMustFitTogether() throws IOException {
    Path other =
        SmallNifti.write(
            folder.resolve("case_0001.nii.gz"),
            new int[] {6, 5, 5},
            new double[] {1, 1, 1},
            new float[150]);
    assertRefused(List.of(image, other), OptionalInt.of(2), "[4, 5, 6]", "[5, 5, 6]");
    SmallNifti.write(other, EXTENTS, new double[] {1, 1, 2}, new float[120]);
    assertRefused(List.of(image, other), OptionalInt.of(2), "spacing", "2.0");
    assertRefused(List.of(image), OptionalInt.of(2), "has 1 channel in", "takes 2", "case_0001");
    Path gap = Files.move(other, folder.resolve("case_0002.nii.gz"));
    assertRefused(List.of(image, gap), OptionalInt.of(2), "lacks the channel case_0001");
  }

  @Test
  void fourthAxesAreChannelsAndMasksAreFoundByName() throws IOException {
    Path four =
        SmallNifti.write(
            folder.resolve("four.nii"),
            new int[] {2, 2, 1, 3},
            new double[] {1, 1, 1},
            new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    VolumeFormat.Read read = VolumeFormat.SIMPLE_ITK.read(four);
    assertThat(Stream.of(read.channels()).map(Arrays::toString))
        .containsExactly("[1.0, 2.0, 3.0, 4.0]", "[5.0, 6.0, 7.0, 8.0]", "[9.0, 10.0, 11.0, 12.0]");
    List<CaseFiles> two = CaseFiles.group(List.of(image, four), OptionalInt.of(1));
    assertThat(two.stream().map(CaseFiles::name)).containsExactly("case", "four");
    assertThatThrownBy(() -> CaseFiles.withMasks(two, List.of(mask)))
        .hasMessageContaining("four has no mask");
  }
}
