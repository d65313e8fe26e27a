package org.palimpsest.reproduction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.runs.RunsFolder.CheckpointOptions;
import org.palimpsest.io.runs.RunsFolder.RunFacts;
import org.palimpsest.reproduction.experiment.Condition;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.experiment.Settings;
import org.palimpsest.reproduction.images.FolderTask;
import org.palimpsest.reproduction.trained.NamedRun;
import org.palimpsest.reproduction.trained.RunRecipe;
import org.palimpsest.reproduction.trained.Start;
import org.palimpsest.reproduction.training.InitialState;
import org.palimpsest.reproduction.training.NetworkState;
import org.palimpsest.reproduction.training.UNet;
import org.palimpsest.reproduction.training.UNetDesign;

/** Which networks experiments and the reproduction ask for, without training one. */
class PlannedNetworksTest {

  @TempDir private Path folder;

  private Path images(String name) throws IOException {
    Path images = Files.createDirectories(folder.resolve(name));
    for (int i = 0; i < 6; i++) {
      BufferedImage image = new BufferedImage(70, 70, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < 70 * 70; p++) {
        image.getRaster().setSample(p % 70, p / 70, 0, (p * (i + 3) + name.length()) % 251);
      }
      ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
      ImageIO.write(image, "png", images.resolve(i + "_mask.png").toFile());
    }
    return images;
  }

  @Test
  void networksOfASeedDifferInTheirStartAloneAndOthersInAll() {
    for (Setting setting :
        List.of(
            Settings.quick().onPhantoms(),
            Settings.volumes().onPhantoms(),
            Settings.full().onManyPhantoms())) {
      List<String> hashes = new ArrayList<>();
      for (Condition condition : setting.conditions()) {
        for (long seed = 0; seed < setting.seeds(); seed++) {
          RunRecipe transfer = setting.transfer(condition, seed);
          RunRecipe random = setting.random(condition, seed);
          assertThat(transfer.withStart(random.start())).isEqualTo(random);
          assertThat(transfer.start().source()).hasValue(setting.source(condition));
          assertThat(random.start().source()).isEmpty();
          hashes.addAll(List.of(transfer.hash(), random.hash()));
        }
      }
      assertThat(hashes).doesNotHaveDuplicates();
      assertThat(setting.describe())
          .contains("seeds 0 to %s".formatted(setting.seeds() - 1))
          .contains("width %s".formatted(setting.network().width()));
    }
    assertThat(Settings.full().onManyPhantoms().conditions())
        .extracting(Condition::label)
        .doesNotHaveDuplicates()
        .contains("organs to vessels, hard, 6 images", "cortex to membranes, easy, 48 images");
  }

  @Test
  void noNetworksAreNoExperiment() {
    assertThatThrownBy(() -> Settings.quick().onPhantoms().withSeeds(0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("unlike 0; give more --seeds");
    assertThat(Settings.quick().onPhantoms().withSeeds(7).seeds()).isEqualTo(7);
    assertThat(Settings.quick().withNetwork(design -> design.withWidth(3)).onPhantoms().network())
        .isEqualTo(UNetDesign.small().withWidth(3));
  }

  @Test
  void imagesOfAUserTakeThePlaceOfPhantoms() throws IOException {
    Path sources = images("sources");
    Path targets = images("targets");
    Setting both = Settings.quick().onImages(Optional.of(sources), Optional.of(targets));
    assertThat(both.main().source().task()).isInstanceOf(FolderTask.class);
    FolderTask few = (FolderTask) both.main().target().task();
    assertThat(few.trainingImages()).isEqualTo(5);
    assertThat(few.extents()).containsExactly(64, 64);
    assertThat(both.conditions())
        .extracting(Condition::label)
        .containsExactly("patches of 5 images", "patches of all training images");
    assertThat(both.describe()).contains("patches of the images in targets");

    Setting source = Settings.quick().onImages(Optional.of(sources), Optional.empty());
    assertThat(source.conditions())
        .extracting(Condition::label)
        .containsExactly("images to vessels, hard, 6 images", "images to vessels, hard, 48 images");
    assertThatThrownBy(
            () -> Settings.quick().onImages(Optional.of(folder.resolve("none")), Optional.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("no such folder");
  }

  /** A folder that was moved holds the same images: its networks are found again. */
  @Test
  void whereImagesLieIsNoPartOfARecipe() throws IOException {
    Path here = images("images");
    String before = recipe(here).hash();
    Path there = folder.resolve("moved");
    Files.move(here, there);
    assertThat(recipe(there).hash()).isEqualTo(before);
    Files.copy(there.resolve("0.png"), there.resolve("9.png"));
    Files.copy(there.resolve("0_mask.png"), there.resolve("9_mask.png"));
    assertThat(recipe(there).hash()).isNotEqualTo(before);
  }

  private static RunRecipe recipe(Path images) {
    Setting setting = Settings.quick().onImages(Optional.empty(), Optional.of(images));
    return setting.random(setting.main(), 0);
  }

  @Test
  void aPlanWithImagesHasASeriesOfTheirOwn() throws IOException {
    Path sources = images("cells");
    Path targets = images("retina");
    ReproductionPlan plan = ReproductionPlan.full().withImages(sources, targets);
    Series added = plan.series().get(plan.series().size() - 1);
    assertThat(added.title()).isEqualTo("Images: retina after cells");
    assertThat(added.runs()).hasSize(added.networks());
    assertThat(added.runs().values())
        .extracting(NamedRun::name)
        .contains("sources/cells-1", "random-many/seed5", "floor/seed0");
    for (Map.Entry<RunRecipe, NamedRun> run : added.runs().entrySet()) {
      RunRole role = run.getValue().role();
      assertThat(role.difficulty()).isEmpty();
      assertThat(run.getKey().start().source().isPresent())
          .as(run.getValue().name())
          .isEqualTo(role.start().equals(Optional.of("source")));
    }
    assertThat(added.shown()).hasSize(added.probes());
  }

  @Test
  void anArmWhoseSourceIsNotThereIsNamed() {
    Series series = ReproductionPlan.miniature().series().get(0);
    Arm lost =
        Arm.random("vessels", 3).named("lost").beginningWith(Arm.Beginning.SOURCE, "sources/none");
    assertThatThrownBy(() -> series.recipe(lost, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("The arm lost starts from sources/none");
  }

  private static TrainingRun run(String name) {
    return new TrainingRun(
        name,
        "any",
        OptionalLong.empty(),
        List.of(new Checkpoint(0, name + ".pt", OptionalDouble.empty())));
  }

  /**
   * Sources of another task than the first are judged by themselves, beside the random networks.
   */
  @Test
  void sourcesOfAnotherTaskAreJudgedApart() {
    Series series = ReproductionPlan.core().series().get(0);
    List<TrainingRun> runs = new ArrayList<>();
    Map<String, RunFacts> facts = new HashMap<>();
    series
        .runs()
        .values()
        .forEach(
            named -> {
              runs.add(run(named.name()));
              facts.put(named.name(), new RunFacts(named.role(), new TreeMap<>()));
            });
    RunsFolder all =
        new RunsFolder(
            Path.of("runs"),
            Optional.empty(),
            runs,
            Optional.empty(),
            new CheckpointOptions(NetworkOptions.none(), Map.of()),
            List.of(),
            List.of(),
            false,
            facts);
    List<Series.Selection> selections = series.selections(all);
    assertThat(selections)
        .extracting(Series.Selection::name)
        .containsExactly("width8", "width8-organs");
    assertThat(selections.get(0).runs().runs()).hasSize(series.networks());
    assertThat(selections.get(1).title()).isEqualTo("Width 8, after organs");
    assertThat(selections.get(1).runs().runs())
        .extracting(TrainingRun::name)
        .contains("sources/organs-1", "transfer-organs-1/seed9", "random/seed0", "floor/seed0")
        .noneMatch(name -> name.startsWith("transfer-membranes"))
        .noneMatch(name -> name.startsWith("moments-of-membranes"));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1 min",
    "29, 1 min",
    "90, 2 min",
    "3569, 59 min",
    "3570, 1 h 00 min",
    "7530, 2 h 06 min",
    "360000, 100 h 00 min"
  })
  void timesAreToldInWords(double seconds, String words) {
    assertThat(Reproduction.duration(seconds)).isEqualTo(words);
  }

  @Test
  void momentsAreThoseOfTheSourceAndNothingElseIs() {
    UNet network = UNet.of(UNetDesign.small().withWidth(16));
    NetworkState he = InitialState.he(3).of(network);
    Map<String, float[]> shifted = new HashMap<>();
    he.tensors()
        .forEach(
            (path, values) -> {
              float[] other = values.clone();
              for (int i = 0; i < other.length; i++) {
                other[i] = 0.25f + 3 * other[i];
              }
              shifted.put(path, other);
            });
    NetworkState source = new NetworkState(shifted);
    NetworkState drawn = InitialState.momentsOf(source, 5).of(network);
    String kernel = "enc3.conv2.weight";
    double[] of = moments(drawn.tensors().get(kernel));
    double[] wanted = moments(shifted.get(kernel));
    int count = shifted.get(kernel).length;
    assertThat(of[0]).isCloseTo(wanted[0], within(5 * wanted[1] / Math.sqrt(count)));
    assertThat(of[1]).isCloseTo(wanted[1], within(5 * wanted[1] / Math.sqrt(2.0 * count)));
    assertThat(drawn.tensors().get(kernel)).isNotEqualTo(shifted.get(kernel));
    assertThat(drawn.tensors().get("enc3.norm2.weight")).containsOnly(1);
    assertThat(drawn.tensors().get("enc3.norm2.running_mean")).containsOnly(0);
    UNet other = UNet.of(UNetDesign.small().withWidth(8));
    assertThatThrownBy(() -> InitialState.momentsOf(source, 5).of(other))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("another architecture");
    Start start =
        Start.transferred(
            Settings.quick().onPhantoms().source(Settings.quick().onPhantoms().main()));
    assertThatThrownBy(() -> start.from(Optional.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("has not been trained yet");
  }

  private static double[] moments(float[] values) {
    double mean = 0;
    for (float value : values) {
      mean += (double) value / values.length;
    }
    double variance = 0;
    for (float value : values) {
      variance += (value - mean) * (value - mean) / values.length;
    }
    return new double[] {mean, Math.sqrt(variance)};
  }
}
