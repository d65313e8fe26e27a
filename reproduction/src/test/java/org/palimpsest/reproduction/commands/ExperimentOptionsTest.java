package org.palimpsest.reproduction.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.reproduction.experiment.Condition;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.images.SegmentationTask.Split;
import org.palimpsest.reproduction.training.UNetDesign;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;

class ExperimentOptionsTest {

  private static final List<String> SHAPE =
      List.of("--width", "4", "--depth", "2", "--norm", "instance", "--residual");

  @Test
  void theShapeOfNetworksIsTheUsers(@TempDir Path folder) {
    Setting asked = asked(folder, SHAPE.toArray(new String[0]));

    assertThat(asked.network()).isEqualTo(new UNetDesign(4, 2, 2, Normalisation.INSTANCE, true));
    assertThat(asked(folder).network()).isEqualTo(UNetDesign.small());
  }

  @Test
  void fullMeansMoreOfAll(@TempDir Path folder) {
    Setting full = asked(folder, "--full");
    assertThat(full.seeds()).isEqualTo(10);
    assertThat(full.conditions()).hasSize(8).extracting(Condition::label).doesNotHaveDuplicates();
    assertThat(asked(folder).seeds()).isEqualTo(5);
    assertThat(asked(folder).conditions()).hasSize(3);
  }

  @Test
  void volumesAreLearnedByNetworksOfThreeDimensions(@TempDir Path folder) {
    Setting asked = asked(folder, "--volumes");
    assertThat(asked.network().dimensions()).isEqualTo(3);
    assertThat(asked.main().target().task().draw(Split.PROBES, 1).get(0).image().extents())
        .containsExactly(20, 20, 20);
  }

  @Test
  void volumesAndImagesDoNotGoTogether(@TempDir Path folder) {
    Miniature.Outcome outcome =
        Miniature.run(
            new TrainingDynamicsCommand(Miniature::ofThree),
            folder,
            folder,
            "--volumes",
            "--images",
            folder.resolve("images").toString());
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--volumes").contains("leave out");
  }

  @Test
  void networksThatCannotBeTrainedAreRefusedBeforeAnyIs(@TempDir Path folder) {
    assertRefused(folder, "1 network of each kind or more, unlike 0", "--seeds", "0");
    assertRefused(folder, "unlike -1", "--seeds", "-1");
    assertRefused(
        folder, "halves its images 3 times, which those of 20×20×20", "--volumes", "--depth", "4");
    assertRefused(folder, "a width of 1 to 1024", "--width", "1000000000");
    assertRefused(folder, "a depth of 2 to 6", "--depth", "7");
  }

  private static void assertRefused(Path folder, String words, String... options) {
    Miniature.Outcome outcome =
        Miniature.run(
            new TrainingDynamicsCommand(UnaryOperator.identity()),
            folder.resolve("networks"),
            folder.resolve("out"),
            options);
    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(words).hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
  }

  /** The setting that a main class would have used. */
  private static Setting asked(Path folder, String... options) {
    List<Setting> asked = new ArrayList<>();
    Miniature.run(
        new TrainingDynamicsCommand(
            setting -> {
              asked.add(setting);
              throw new PalimpsestException("enough");
            }),
        folder.resolve("networks"),
        folder.resolve("out"),
        options);
    return asked.get(0);
  }
}
