package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.VolumeFormat;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.npy.NpyProbes;

/**
 * Each patch holds the voxels of the case at the place that its record tells, zeros beyond the
 * case, and the labels of the same place, however it was chosen.
 */
class PatchContentsTest {

  private Path folder;
  private int[] extents = {};
  private final List<float[]> channels = new ArrayList<>();
  private float[] labels = {};

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("palimpsest-patches");
  }

  @AfterProperty
  void removeFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A case of two channels and a mask with two labels; no two voxels of it are equal. */
  private List<CaseFiles> layCase(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    extents = random.ints(3, 2, 8).toArray(); // z, y, x
    int voxels = extents[0] * extents[1] * extents[2];
    int[] turned = {extents[2], extents[1], extents[0]};
    double[] spacing = {1, 1, 1};
    channels.clear();
    List<Path> images = new ArrayList<>();
    for (int channel = 0; channel < 2; channel++) {
      float[] values = new float[voxels];
      for (int i = 0; i < voxels; i++) {
        values[i] = 1 + i + 1000 * channel;
      }
      channels.add(values);
      images.add(
          SmallNifti.write(folder.resolve("case_000" + channel + ".nii"), turned, spacing, values));
    }
    labels = new float[voxels];
    for (int i = 0; i < voxels; i++) {
      labels[i] = random.nextInt(10) == 0 ? 1 + random.nextInt(2) : 0;
    }
    labels[random.nextInt(voxels)] = 1;
    Path mask = SmallNifti.write(folder.resolve("case.nii"), turned, spacing, labels);
    return CaseFiles.withMasks(CaseFiles.group(images, OptionalInt.of(2)), List.of(mask));
  }

  private static VolumePreparation unchanged(int... patch) {
    return new VolumePreparation(
        new PreparationPlan(
            JsonNodeFactory.instance.objectNode(),
            VolumeFormat.SIMPLE_ITK,
            OptionalInt.of(2),
            List.of(),
            IntStream.of(patch).boxed().toList(),
            List.of(),
            List.of()));
  }

  private static double at(INDArray array, int sample, int offset, int size) {
    return array.data().getDouble((long) sample * size + offset);
  }

  private float expected(float[] voxels, int[] start, int[] patch, int offset) {
    int line = offset / patch[2];
    int[] place = {
      start[0] + line / patch[1], start[1] + line % patch[1], start[2] + offset % patch[2]
    };
    for (int axis = 0; axis < 3; axis++) {
      if (place[axis] < 0 || place[axis] >= extents[axis]) {
        return 0;
      }
    }
    return voxels[(place[0] * extents[1] + place[1]) * extents[2] + place[2]];
  }

  private static int[] position(JsonNode sample) {
    return IntStream.range(0, 3).map(axis -> sample.path("position").path(axis).asInt()).toArray();
  }

  @Property(tries = 60)
  void voxelsAndLabelsAreThoseOfThePlaceThatIsTold(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll PatchRule.Kind kind,
      @ForAll @DoubleRange(min = 0, max = 0.9) double overlap,
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 1, max = 6) int count)
      throws IOException {
    List<CaseFiles> cases = layCase(seed);
    SplittableRandom random = new SplittableRandom(seed + 1L);
    int[] size = random.ints(3, 1, 9).toArray();
    PatchRule rule = new PatchRule(kind, overlap, OptionalInt.of(count), seed, share, false);
    Path array = folder.resolve("out.npy");

    PatchSet.Made made = PatchSet.of(unchanged(size), rule).write(cases, array);

    int[] patch = kind == PatchRule.Kind.WHOLE ? extents : size;
    JsonNode samples = JsonFiles.read(folder.resolve("out.json")).path("samples");
    INDArray values = NpyFile.read(array);
    INDArray found = NpyFile.read(folder.resolve("out_masks.npy"));
    long[] shape = {samples.size(), 2, patch[0], patch[1], patch[2]};
    assertThat(values.shape()).isEqualTo(shape).isEqualTo(made.shape());
    assertThat(found.shape()).containsExactly(samples.size(), patch[0], patch[1], patch[2]);
    int voxels = patch[0] * patch[1] * patch[2];
    for (int sample = 0; sample < samples.size(); sample++) {
      int[] start = position(samples.get(sample));
      for (int i = 0; i < voxels; i++) {
        for (int channel = 0; channel < 2; channel++) {
          assertThat(at(values, 2 * sample + channel, i, voxels))
              .isEqualTo(expected(channels.get(channel), start, patch, i));
        }
        assertThat(at(found, sample, i, voxels)).isEqualTo(expected(labels, start, patch, i));
      }
    }
    Probes probes = NpyProbes.open(array);
    assertThat(probes.count()).isEqualTo(samples.size());
  }

  /** Where the case is large enough nothing beyond it is shown, and every voxel once at least. */
  @Property(tries = 60)
  void aGridCoversEveryVoxelAndLiesWithinTheCase(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @DoubleRange(min = 0, max = 0.9) double overlap)
      throws IOException {
    List<CaseFiles> cases = layCase(seed);
    SplittableRandom random = new SplittableRandom(seed + 2L);
    int[] size = Arrays.stream(extents).map(extent -> 1 + random.nextInt(extent)).toArray();
    PatchRule rule = new PatchRule(PatchRule.Kind.GRID, overlap, OptionalInt.empty(), 0, 0, false);
    Path array = folder.resolve("out.npy");

    PatchSet.of(unchanged(size), rule).write(cases, array);

    INDArray values = NpyFile.read(array);
    Set<Double> shown = new HashSet<>();
    for (long i = 0; i < values.length(); i++) {
      shown.add(values.data().getDouble(i));
    }
    Set<Double> all = new HashSet<>();
    channels.forEach(
        channel -> IntStream.range(0, channel.length).forEach(i -> all.add((double) channel[i])));
    assertThat(shown).isEqualTo(all);
    JsonNode samples = JsonFiles.read(folder.resolve("out.json")).path("samples");
    Set<String> places = new HashSet<>();
    samples.forEach(sample -> places.add(sample.path("position").toString()));
    assertThat(places).as("no patch twice").hasSize(samples.size());
  }

  /** As many around a voxel of the foreground as are asked for, each with its label inside. */
  @Property(tries = 40)
  void patchesOnTheForegroundShowTheLabelThatTheyWereDrawnFor(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @DoubleRange(min = 0, max = 1) double share,
      @ForAll @IntRange(min = 1, max = 6) int count)
      throws IOException {
    List<CaseFiles> cases = layCase(seed);
    SplittableRandom random = new SplittableRandom(seed + 3L);
    int[] size = random.ints(3, 1, 5).toArray();
    PatchRule rule =
        new PatchRule(PatchRule.Kind.FOREGROUND, 0.5, OptionalInt.of(count), seed, share, false);

    PatchSet.of(unchanged(size), rule).write(cases, folder.resolve("out.npy"));

    JsonNode samples = JsonFiles.read(folder.resolve("out.json")).path("samples");
    INDArray found = NpyFile.read(folder.resolve("out_masks.npy"));
    int voxels = size[0] * size[1] * size[2];
    int around = 0;
    for (int sample = 0; sample < samples.size(); sample++) {
      if (samples.get(sample).has("aroundLabel")) {
        around++;
        double label = samples.get(sample).path("aroundLabel").asDouble();
        assertThat(label).isIn(1.0, 2.0);
        int at = sample;
        assertThat(IntStream.range(0, voxels).mapToDouble(i -> at(found, at, i, voxels)))
            .contains(label);
      }
    }
    assertThat(around).isEqualTo(count - (int) Math.rint(count * (1 - share)));
  }

  /**
   * What is drawn of a case depends on the seed and its place, not on how many run side by side.
   */
  @Property(tries = 10)
  void casesSideBySideGiveTheSameProbes(@ForAll @IntRange(max = 1_000_000) int seed)
      throws IOException {
    List<CaseFiles> one = layCase(seed);
    List<CaseFiles> cases = List.of(one.get(0), one.get(0), one.get(0));
    PatchRule rule = new PatchRule(PatchRule.Kind.RANDOM, 0.5, OptionalInt.of(3), seed, 0.5, false);
    PatchSet patches = PatchSet.of(unchanged(2, 1, 2), rule);

    patches.write(cases, folder.resolve("alone.npy"));
    patches.withSideBySide(3).write(cases, folder.resolve("together.npy"));

    for (String ending : List.of(".npy", "_masks.npy")) {
      assertThat(folder.resolve("together" + ending))
          .hasSameBinaryContentAs(folder.resolve("alone" + ending));
    }
    JsonNode alone = JsonFiles.read(folder.resolve("alone.json"));
    assertThat(JsonFiles.read(folder.resolve("together.json")).path("samples"))
        .isEqualTo(alone.path("samples"));
  }

  @Property(tries = 20)
  void rulesThatCannotBeAreRefused(@ForAll @DoubleRange(min = -3, max = 3) double number) {
    boolean mayOverlap = number >= 0 && number < 1;
    boolean isShare = number >= 0 && number <= 1;
    assertRefusedUnless(mayOverlap, number, PatchRule.USUAL_FOREGROUND_SHARE, "overlap");
    assertRefusedUnless(isShare, PatchRule.USUAL_OVERLAP, number, "foreground");
  }

  private static void assertRefusedUnless(
      boolean allowed, double overlap, double share, String part) {
    if (allowed) {
      assertThat(rule(overlap, share).overlap()).isEqualTo(overlap);
    } else {
      assertThatThrownBy(() -> rule(overlap, share))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(part);
    }
  }

  private static PatchRule rule(double overlap, double share) {
    return new PatchRule(PatchRule.Kind.FOREGROUND, overlap, OptionalInt.of(1), 0, share, false);
  }
}
