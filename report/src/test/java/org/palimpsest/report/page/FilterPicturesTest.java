package org.palimpsest.report.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class FilterPicturesTest {

  @TempDir private Path folder;

  private static WeightTensor tensor(String name, LayerKind kind, long... shape) {
    return new WeightTensor(name, Nd4j.rand(DataType.FLOAT, shape), "float32", kind);
  }

  private static Weights weights(String name, long outChannels) {
    return Weights.of(
        Provenance.inMemory(name),
        name,
        List.of(
            tensor("enc1.0.weight", LayerKind.CONVOLUTION, 8, 1, 3, 3),
            tensor("enc1.0.bias", LayerKind.CONVOLUTION, 8),
            tensor("enc1.1.weight", LayerKind.NORMALISATION, 8),
            tensor("up.weight", LayerKind.TRANSPOSED_CONVOLUTION, 16, 8, 2, 2),
            tensor("volume.weight", LayerKind.UNKNOWN, 4, 2, 3, 3, 3),
            tensor("fc.weight", LayerKind.LINEAR, 4, 4),
            tensor("head.weight", LayerKind.CONVOLUTION, outChannels, 8, 1, 1)));
  }

  private static List<String> names(List<StudyReport.Picture> pictures) {
    return pictures.stream().map(StudyReport.Picture::name).toList();
  }

  @Test
  void convolutionsThatBothHaveAreShown() throws IOException {
    List<StudyReport.Picture> pictures =
        FilterPictures.beforeAndAfter(
            "random/seed0", weights("step 0", 2), weights("step 400", 3), 9);

    assertThat(names(pictures))
        .containsExactly(
            "filters_random/seed0_enc1.0",
            "filters_random/seed0_up",
            "filters_random/seed0_volume");
    List<String> texts = new ArrayList<>();
    for (StudyReport.Picture picture : pictures) {
      Path svg = folder.resolve(texts.size() + ".svg");
      picture.figure().writeSvg(svg);
      texts.add(Files.readString(svg).replaceAll("\\s+", " "));
    }
    assertThat(texts.get(0))
        .contains("Filters of enc1.0 at the first and the last", "last: step 400");
    assertThat(texts.get(1)).contains("a row per filter (8), a column per input channel (16)");
    assertThat(texts.get(2)).contains("middle slice of each kernel");
  }

  @Test
  void aTensorOfNoLayerGoesByItsOwnName() {
    Weights weights =
        Weights.of(
            Provenance.inMemory("step 0"),
            "step 0",
            List.of(tensor("w0", LayerKind.UNKNOWN, 4, 2, 3, 3)));

    assertThat(names(FilterPictures.beforeAndAfter("a", weights, weights, 9)))
        .containsExactly("filters_a_w0");
  }

  @Test
  void ofEachGroupTheFirstRunIsShown() {
    EvolutionTable table = MadeUpStudy.of(List.of("enc"), 2, 0, 50, 400);
    List<String> opened = new ArrayList<>();
    List<String> replaced = new ArrayList<>();
    CheckpointOpener networks =
        new CheckpointOpener() {
          @Override
          public String contentHash(Checkpoint checkpoint) {
            return replaced.contains(checkpoint.location())
                ? "another"
                : table.checkpoints().stream()
                    .filter(known -> known.checkpoint().equals(checkpoint))
                    .findFirst()
                    .orElseThrow()
                    .hash();
          }

          @Override
          public ActivationSource open(Checkpoint checkpoint) {
            throw new AssertionError("weights alone are asked for");
          }

          @Override
          public Weights weights(Checkpoint checkpoint) {
            opened.add(checkpoint.location());
            if (checkpoint.location().startsWith("random")) {
              throw new PalimpsestException("gone");
            }
            return FilterPicturesTest.weights("any", 2);
          }
        };

    assertThat(
            names(
                FilterPictures.ofFirstRuns(
                    table, networks, 1, (run, layer, a, b) -> Optional.empty())))
        .containsExactly("filters_transfer/seed0_enc1.0");
    assertThat(opened)
        .containsExactly(
            "random/seed0/step_0.pt", "transfer/seed0/step_0.pt", "transfer/seed0/step_400.pt");
  }

  @Test
  void noMoreLayersThanAskedForAreShown() {
    Weights one = weights("a", 2);
    assertThat(names(FilterPictures.beforeAndAfter("r", one, one, 2)))
        .containsExactly("filters_r_enc1.0", "filters_r_head");
  }

  @Test
  void networksWithoutCommonConvolutionsHaveNoPicture() {
    Weights other =
        Weights.of(
            Provenance.inMemory("b"), "b", List.of(tensor("fc.weight", LayerKind.LINEAR, 4, 4)));
    assertThat(FilterPictures.beforeAndAfter("r", weights("a", 2), other, 9)).isEmpty();
  }
}
