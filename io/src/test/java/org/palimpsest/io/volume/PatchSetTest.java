package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
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
class PatchSetTest extends SmallCases {

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
