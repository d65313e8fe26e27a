package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.nifti.Affine;
import org.palimpsest.io.internal.volume.Geometry;
import org.palimpsest.io.internal.volume.Interpolation;
import org.palimpsest.io.internal.volume.Moments;
import org.palimpsest.io.internal.volume.MonaiForeground;
import org.palimpsest.io.internal.volume.MonaiSpacing;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.Transposition;
import org.palimpsest.io.internal.volume.VolumeCase;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.internal.volume.VolumeStep;
import org.palimpsest.io.npy.NpyFile;

/** Patches are where the rule says, and it is told where they are. */
class PatchSetTest {

  private static final int[] EXTENTS = {6, 5, 4}; // x, y, z

  @TempDir private Path folder;

  private Path image;
  private Path mask;

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

  private Path volume(String name, float[] values) throws IOException {
    return SmallNifti.write(folder.resolve(name), EXTENTS, new double[] {1, 1, 1}, values);
  }

  private static VolumePreparation unchanged(List<Integer> patch) {
    return new VolumePreparation(
        new PreparationPlan(
            JsonNodeFactory.instance.objectNode(),
            VolumeFormat.SIMPLE_ITK,
            OptionalInt.of(1),
            List.of(),
            patch,
            List.of(),
            List.of()));
  }

  private JsonNode made(PatchRule rule, List<Integer> patch, List<Path> masks) {
    Path array = folder.resolve("out.npy");
    PatchSet.of(unchanged(patch), rule)
        .write(
            CaseFiles.withMasks(CaseFiles.group(List.of(image), OptionalInt.of(1)), masks), array);
    return JsonFiles.read(folder.resolve("out.json"));
  }

  private static PatchRule drawn(PatchRule.Kind kind, int count, long seed, double share) {
    return new PatchRule(kind, 0.5, OptionalInt.of(count), seed, share, false);
  }

  private static List<String> positions(JsonNode record) {
    return record.findValuesAsText("position").isEmpty()
        ? List.of()
        : record.findValues("position").stream().map(JsonNode::toString).toList();
  }

  @Test
  void theCentreIsCutOutAndPaddedAroundSmallVolumes() {
    assertThat(positions(made(PatchRule.of(PatchRule.Kind.CENTRE), List.of(2, 3, 4), List.of())))
        .containsExactly("[1,1,1]");
    JsonNode larger = made(PatchRule.of(PatchRule.Kind.CENTRE), List.of(7, 5, 6), List.of());
    assertThat(positions(larger)).containsExactly("[-1,0,0]");
    assertThat(larger.at("/samples/0/zerosBeyondTheCase").toString())
        .isEqualTo("[[1,2],[0,0],[0,0]]");
    double[] values = SmallNifti.values(NpyFile.read(folder.resolve("out.npy")));
    assertThat(Arrays.copyOf(values, 30)).containsOnly(0);
    assertThat(Arrays.copyOfRange(values, 30, 36)).containsExactly(7, 7, 7, 3, 4, 5);
    assertThat(Arrays.copyOfRange(values, 150, 210)).containsOnly(0);
  }

  @Test
  void aGridCoversAllAndOverlaps() {
    assertThat(positions(made(PatchRule.of(PatchRule.Kind.GRID), List.of(4, 4, 4), List.of())))
        .containsExactly("[0,0,0]", "[0,0,2]", "[0,1,0]", "[0,1,2]");
    PatchRule some = drawn(PatchRule.Kind.GRID, 2, 3, 0.33);
    assertThat(positions(made(some, List.of(4, 4, 4), List.of())))
        .hasSize(2)
        .isSubsetOf("[0,0,0]", "[0,0,2]", "[0,1,0]", "[0,1,2]");
  }

  @Test
  void slicesAreSamplesOfTwoAxes() {
    JsonNode grid = made(PatchRule.of(PatchRule.Kind.GRID), List.of(5, 6), List.of(mask));
    assertThat(grid.path("shape").toString()).isEqualTo("[4,1,5,6]");
    assertThat(NpyFile.read(folder.resolve("out_masks.npy")).shape()).containsExactly(4, 5, 6);
    assertThat(positions(made(PatchRule.of(PatchRule.Kind.CENTRE), List.of(5, 6), List.of())))
        .containsExactly("[1,0,0]");
  }

  @Test
  void theForegroundIsInItsShareOfPatches() {
    JsonNode record =
        made(drawn(PatchRule.Kind.FOREGROUND, 6, 1, 0.5), List.of(2, 2, 2), List.of(mask));
    assertThat(record.findValues("aroundLabel").stream().map(JsonNode::asInt))
        .containsExactly(2, 2, 2);
    assertThat(positions(record).subList(3, 6)).allMatch(Set.of("[2,3,4]", "[2,3,3]")::contains);
    double[] labels = SmallNifti.values(NpyFile.read(folder.resolve("out_masks.npy")));
    IntStream.range(3, 6)
        .forEach(
            patch -> assertThat(Arrays.copyOfRange(labels, 8 * patch, 8 * patch + 8)).contains(2));
  }

  @Test
  void aMaskWithoutForegroundIsSaidAndDrawnAnywhere() throws IOException {
    Path empty = volume("empty.nii.gz", new float[120]);
    JsonNode record =
        made(drawn(PatchRule.Kind.FOREGROUND, 3, 1, 1), List.of(2, 2, 2), List.of(empty));
    assertThat(record.path("samples")).hasSize(3);
    assertThat(record.path("notes").toString()).contains("holds no foreground");
    assertThatThrownBy(
            () -> made(drawn(PatchRule.Kind.FOREGROUND, 3, 1, 1), List.of(2, 2, 2), List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("--masks");
  }

  @Test
  void seedsDecideWhatIsDrawn() {
    List<String> one =
        positions(made(drawn(PatchRule.Kind.RANDOM, 9, 4, 0), List.of(2, 2, 2), List.of()));
    List<String> again =
        positions(made(drawn(PatchRule.Kind.RANDOM, 9, 4, 0), List.of(2, 2, 2), List.of()));
    List<String> other =
        positions(made(drawn(PatchRule.Kind.RANDOM, 9, 5, 0), List.of(2, 2, 2), List.of()));
    assertThat(one).isEqualTo(again).isNotEqualTo(other);
  }

  @Test
  void placesAreDrawnOnceWhereThereAreOthersAndRepeatedOnesAreCounted() {
    JsonNode all = made(drawn(PatchRule.Kind.RANDOM, 8, 4, 0), List.of(3, 4, 5), List.of());
    assertThat(positions(all)).hasSize(8).doesNotHaveDuplicates();
    assertThat(all.path("repeated").asInt()).isZero();
    JsonNode more = made(drawn(PatchRule.Kind.RANDOM, 11, 4, 0), List.of(3, 4, 5), List.of());
    assertThat(positions(more)).hasSize(8).doesNotHaveDuplicates();
    assertThat(more.path("repeated").asInt()).isZero();
    assertThat(more.path("notes").toString()).contains("case has 8 patches, where 11 are asked");
    JsonNode around =
        made(drawn(PatchRule.Kind.FOREGROUND, 4, 4, 1), List.of(1, 1, 1), List.of(mask));
    assertThat(Set.copyOf(positions(around))).hasSize(2);
    assertThat(around.path("repeated").asInt()).isEqualTo(2);
    assertThat(around.path("notes").toString())
        .contains("2 of 4 patches repeat others", "found: case 2 of 4");
  }

  @Test
  void patchesWithoutEndAreBounded() {
    PatchRule close = new PatchRule(PatchRule.Kind.GRID, 0.99, OptionalInt.empty(), 0, 0.33, false);
    assertThat(positions(made(close, List.of(4, 4, 4), List.of())))
        .hasSize(1 * 2 * 3)
        .doesNotHaveDuplicates();
    PatchRule many = drawn(PatchRule.Kind.RANDOM, 1 << 20, 0, 0);
    assertThat(positions(made(many, List.of(2, 2, 2), List.of()))).hasSize(60);
    Geometry large =
        Geometry.of(new int[] {512, 512, 512}, new double[] {1, 1, 1}, Affine.ofSpacing(1, 1, 1));
    VolumeCase volume = new VolumeCase("large", large, new float[1][0], null);
    PatchRule.PatchChoice all = new PatchRule.PatchChoice(close, new int[] {64, 64, 64}, List.of());
    assertThatThrownBy(() -> all.requireRoom(volume, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("large would become 90518849 patches", "--overlap");
    PatchRule some = new PatchRule(PatchRule.Kind.GRID, 0.99, OptionalInt.of(3), 0, 0.33, false);
    PatchRule.PatchChoice three =
        new PatchRule.PatchChoice(some, new int[] {64, 64, 64}, List.of());
    three.requireRoom(volume, 1);
    assertThat(three.of(volume, 0)).hasSize(3);
    PatchRule heavy = drawn(PatchRule.Kind.RANDOM, 1 << 20, 0, 0);
    PatchRule.PatchChoice drawn =
        new PatchRule.PatchChoice(heavy, new int[] {256, 256, 256}, List.of());
    assertThatThrownBy(() -> drawn.requireRoom(volume, 1))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("1048576 patches", "MB", "--count");
  }

  @Test
  void aVolumeSmallerThanItsPatchesIsSaid() {
    PatchRule centre = PatchRule.of(PatchRule.Kind.CENTRE);
    assertThat(made(centre, List.of(7, 5, 6), List.of()).path("notes").toString())
        .contains("case has the extents [4, 5, 6]", "zeros stand around it");
  }

  @Test
  void labelsOfAnEarlierRunDoNotStayBesideNewSamples() throws IOException {
    PatchRule centre = PatchRule.of(PatchRule.Kind.CENTRE);
    made(centre, List.of(2, 2, 2), List.of(mask));
    Path labels = folder.resolve("out_masks.npy");
    assertThat(labels).exists();
    made(centre, List.of(2, 2, 2), List.of());
    assertThat(labels).doesNotExist();
    Files.writeString(labels, "of another");
    assertThatThrownBy(() -> made(centre, List.of(2, 2, 2), List.of()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(labels.toString());
    assertThatThrownBy(() -> made(centre, List.of(2, 2, 2), List.of(mask)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(labels.toString(), "would be overwritten");
    assertThat(labels).hasContent("of another");
  }

  @Test
  void whatIsReadOrOfAnotherKindIsNotOverwritten() throws IOException {
    Path plan = Files.writeString(folder.resolve("dataset.json"), "{\"labels\": {}}");
    assertNotWritten("out.bin", List.of(image), "end in .npy");
    assertNotWritten("dataset.npy", List.of(image), plan.toString());
    assertThat(plan).hasContent("{\"labels\": {}}");
    Path named = Files.copy(image, folder.resolve("volume.npy"));
    assertNotWritten("volume.npy", List.of(named), named.toString());
    assertThat(named).hasSameBinaryContentAs(image);
    for (String name : List.of("in.json", "in_masks.npy", "in.npy")) {
      Path empty = Files.createDirectory(folder.resolve(name));
      assertNotWritten("in.npy", List.of(image), name + " is a folder");
      assertThat(empty).isDirectory();
      Files.delete(empty);
    }
  }

  private void assertNotWritten(String name, List<Path> images, String part) {
    PatchSet patches = PatchSet.of(unchanged(List.of(2, 2, 2)), PatchRule.whole());
    List<CaseFiles> cases = CaseFiles.group(images, OptionalInt.of(1));
    assertThatThrownBy(() -> patches.write(cases, folder.resolve(name)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(part);
  }

  @Test
  void sizesBeyondWhatAnArrayHoldsAreRefused() {
    assertThatThrownBy(
            () ->
                PatchSet.of(
                    unchanged(List.of(99999, 99999, 9)), PatchRule.of(PatchRule.Kind.CENTRE)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("[99999, 99999, 9]", "2^31");
    assertThatThrownBy(
            () -> {
              List<Integer> wide = List.of(65536, 65536, 65536);
              made(new MonaiForeground(List.of(), wide, false, List.of(1, 1, 1)));
            })
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'margin' [65536, 65536, 65536]", "2^31");
    assertThatThrownBy(
            () -> {
              List<Integer> none = List.of(0, 0, 0);
              made(new MonaiForeground(List.of(0, 1), none, false, none));
            })
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("channel 1", "has 1");
  }

  @Test
  void gridsThatMemoryDoesNotHoldAreRefusedBeforeTheyAreFilled() throws IOException {
    image =
        SmallNifti.write(
            folder.resolve("many_0000.nii"),
            new int[] {2, 2, 2, 64},
            new double[] {1, 1, 1},
            new float[512]);
    assertThatThrownBy(() -> made(MonaiSpacing.of(List.of(0.0008))))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("many would take", "[1251, 1251, 1251]", "--max-memory");
  }

  private void made(VolumeStep step) {
    VolumePreparation preparation =
        new VolumePreparation(
            new PreparationPlan(
                JsonNodeFactory.instance.objectNode(),
                VolumeFormat.MONAI,
                OptionalInt.empty(),
                List.of(step),
                List.of(),
                List.of(),
                List.of()));
    PatchSet.of(preparation, PatchRule.whole())
        .write(CaseFiles.group(List.of(image), OptionalInt.of(1)), folder.resolve("out.npy"));
  }

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

  private static byte[] second(String lineEnds) {
    ByteBuffer bytes = ByteBuffer.allocate(552).order(ByteOrder.LITTLE_ENDIAN).putInt(540);
    bytes.put(("n+2\0" + lineEnds).getBytes(StandardCharsets.ISO_8859_1));
    bytes.putShort((short) 16).putShort((short) 32).putLong(3).putLong(2).putLong(1).putLong(1);
    bytes.putLong(168, 544).putDouble(176, 1);
    for (int axis = 0; axis < 4; axis++) {
      bytes.putDouble(104 + 8 * axis, 1);
    }
    return bytes.putFloat(544, 1).array();
  }

  private static void assertRefused(VolumeFormat format, Path file, String part) {
    assertThatThrownBy(() -> format.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), part);
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
    scale(file, 3e38f, 0);
    assertThatThrownBy(() -> VolumeFormat.NIBABEL.read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(file.toString(), "E38", "float32");
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
  void picturesTellPaddingLabelsAndSlices() throws IOException {
    Path array = folder.resolve("out.npy");
    Path picture = folder.resolve("out.png");
    PatchSet.of(unchanged(List.of(8, 5, 6)), PatchRule.of(PatchRule.Kind.CENTRE))
        .write(
            CaseFiles.withMasks(CaseFiles.group(List.of(image), OptionalInt.of(1)), List.of(mask)),
            array)
        .preview()
        .write(picture);
    BufferedImage drawn = ImageIO.read(picture.toFile());
    Set<Integer> colours = new HashSet<>();
    for (int x = 0; x < drawn.getWidth(); x++) {
      for (int y = 0; y < drawn.getHeight(); y++) {
        colours.add(drawn.getRGB(x, y) & 0xffffff);
      }
    }
    assertThat(drawn.getHeight()).isGreaterThan(160);
    assertThat(colours).contains(0x3a4358, 0x5b6b8c, 0x20242c, 0xffffff);
  }

  @Test
  void blankPatchesAreCountedAndLeftOutIfAsked() {
    PatchRule all = new PatchRule(PatchRule.Kind.GRID, 0, OptionalInt.empty(), 0, 0, false);
    PatchRule some = new PatchRule(PatchRule.Kind.GRID, 0, OptionalInt.empty(), 0, 0, true);
    JsonNode kept = made(all, List.of(4, 5, 3), List.of());
    JsonNode left = made(some, List.of(4, 5, 3), List.of());
    assertThat(kept.path("blank").asInt()).isEqualTo(1);
    assertThat(kept.path("samples")).hasSize(2);
    assertThat(left.path("blank").asInt()).isEqualTo(1);
    assertThat(positions(left)).containsExactly("[0,0,3]");
    assertThatThrownBy(
            () ->
                made(
                    new PatchRule(PatchRule.Kind.CENTRE, 0, OptionalInt.empty(), 0, 0, true),
                    List.of(1, 1, 1),
                    List.of()))
        .hasMessageContaining("blank");
  }

  @Test
  void theRecordTellsFilesWithHashesGridAndSteps() {
    Path array = folder.resolve("out.npy");
    VolumePreparation turned =
        new VolumePreparation(
            new PreparationPlan(
                JsonNodeFactory.instance.objectNode().put("tool", "t"),
                VolumeFormat.SIMPLE_ITK,
                OptionalInt.of(1),
                List.of(new Transposition(List.of(2, 0, 1)), new NonzeroCrop(false)),
                List.of(),
                List.of(),
                List.of()));
    PatchSet.of(turned, PatchRule.whole())
        .write(CaseFiles.group(List.of(image), OptionalInt.of(1)), array);
    JsonNode record = JsonFiles.read(folder.resolve("out.json"));
    assertThat(record.at("/cases/0/files/0/file").asText()).isEqualTo(image.toString());
    assertThat(record.at("/cases/0/files/0/sha256").asText()).hasSize(64);
    assertThat(record.at("/cases/0/grid/shape").toString()).isEqualTo("[4,5,6]");
    assertThat(record.at("/cases/0/prepared/shape").toString()).isEqualTo("[6,4,5]");
    assertThat(record.at("/cases/0/steps/0/order").toString()).isEqualTo("[2,0,1]");
    assertThat(record.at("/cases/0/steps/1/box").toString()).isEqualTo("[[0,6],[0,4],[0,5]]");
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

  private void assertRefused(List<Path> files, OptionalInt channels, String... parts) {
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

  @Property
  void resizingKeepsConstantsAndBounds(
      @ForAll @IntRange(min = 1, max = 9) int from, @ForAll @IntRange(min = 1, max = 20) int to) {
    int[] extents = {2, from, 3};
    int[] target = {2, to, 3};
    float[] values = new float[6 * from];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7919 % 13) - 5;
    }
    for (Interpolation order : Interpolation.values()) {
      float[] resized = order.resize(() -> values, extents, target, Interpolation.Bound.WHOLE, 0);
      float[] range = Moments.range(values, 0, values.length);
      for (float value : resized) {
        assertThat(value).isBetween(range[0], range[1]);
      }
      Arrays.fill(values, 3.25f);
      assertThat(order.resize(() -> values, extents, target, Interpolation.Bound.NONE, 0))
          .hasSize(6 * to)
          .satisfies(
              constant ->
                  assertThat(Moments.range(constant, 0, constant.length)[1] - 3.25f)
                      .isLessThan(1e-5f));
      for (int i = 0; i < values.length; i++) {
        values[i] = (i * 7919 % 13) - 5;
      }
    }
  }
}
