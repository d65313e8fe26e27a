package org.palimpsest.io.internal.nnunet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.volume.NonzeroCrop;
import org.palimpsest.io.internal.volume.NormalisingOfVersion1;
import org.palimpsest.io.internal.volume.PreparationPlan;
import org.palimpsest.io.internal.volume.Resampling;
import org.palimpsest.io.internal.volume.Transposition;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;

/** What nnU-Net v1's plans are taken for; see {@code VolumePreparationTest} for the numbers. */
class PreparationV1Test {

  private static final Path VOLUMES = resources();

  @TempDir private Path folder;

  private static Path resources() {
    try {
      return Path.of(
          Objects.requireNonNull(PreparationV1Test.class.getResource("/volumes/nnunet1")).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Path plans(String name) {
    return VOLUMES.resolve(name).resolve("plans.pkl");
  }

  private static PreparationPlan read(Path place) {
    return NnUnetPreparation.read(place, Optional.empty());
  }

  @Test
  void stepsComeInVersion1sOrder() {
    PreparationPlan flat = read(plans("flat"));
    assertThat(flat.patchSize()).containsExactly(8, 8);
    assertThat(flat.channels()).isEqualTo(OptionalInt.of(3));
    assertThat(flat.steps())
        .containsExactly(
            new NonzeroCrop(true),
            new Transposition(List.of(2, 0, 1)),
            new Resampling(
                List.of(1.5, 0.7),
                new Resampling.Rule(3, 0, Optional.empty()),
                new Resampling.Rule(1, 0, Optional.empty()),
                Resampling.LabelChoice.HALF),
            new NormalisingOfVersion1(
                List.of(
                    new NormalisingOfVersion1.Channel(new NormalisingOfVersion1.ZScore(), true),
                    new NormalisingOfVersion1.Channel(new NormalisingOfVersion1.Unchanged(), true),
                    new NormalisingOfVersion1.Channel(
                        new NormalisingOfVersion1.Ct(-20, 290, 61.5, 71.25), true))));
    assertThat(flat.origin().path("tool").asText()).isEqualTo("nnU-Net v1");
    assertThat(flat.origin().path("configuration").asText()).isEqualTo("2d");
  }

  @Test
  void plansOfTwoStagesAskForOneUnlessTheFolderTells() throws IOException {
    Path two = plans("two_stages");
    assertThatThrownBy(() -> read(two))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("3d_lowres, 3d_fullres, 3d_cascade_fullres", "--configuration");
    assertThatThrownBy(() -> NnUnetPreparation.read(two, Optional.of("2d")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("no configuration '2d'", "3d_lowres");
    Path results = Files.createDirectories(folder.resolve("nnUNet/3d_lowres/Task1/T__P"));
    Files.copy(two, results.resolve("plans.pkl"));
    assertThat(read(results).origin().path("configuration").asText()).isEqualTo("3d_lowres");
    assertThat(spacing(read(results))).containsExactly(5.0, 1.6, 1.4);
    assertThat(spacing(NnUnetPreparation.read(results, Optional.of("3d_fullres"))))
        .containsExactly(2.5, 1.0, 1.0);
    PreparationPlan cascade = NnUnetPreparation.read(two, Optional.of("3d_cascade_fullres"));
    assertThat(spacing(cascade)).containsExactly(2.5, 1.0, 1.0);
    assertThat(cascade.notes()).singleElement().asString().contains("what '3d_lowres' found");
  }

  private static List<Double> spacing(PreparationPlan preparation) {
    return preparation.steps().stream()
        .filter(Resampling.class::isInstance)
        .map(step -> ((Resampling) step).spacing())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsNotDoneIsNamed() throws IOException {
    byte[] pickle = Files.readAllBytes(plans("linear"));
    String text = new String(pickle, StandardCharsets.ISO_8859_1);
    assertRefused(
        text.replace(
            "GenericPreprocessor_linearResampling", "GenericPreprocessor_linearResamplinx"),
        "'preprocessor_name'",
        "GenericPreprocessor_linearResamplinx",
        "PreprocessorFor2D");
    assertRefused(text.replace("current_spacing", "current_spacinx"), "'current_spacing'");
    assertRefused(text.replace("percentile_99_5", "percentile_99_x"), "'percentile_99_5'");
    assertRefused(text.replace("use_mask_for_norm", "use_mask_for_norx"), "'use_mask_for_norm'");
    assertRefused(text.replace("plans_per_stage", "plans_per_stagx"), "no plans of nnU-Net v1");
    assertRefused(text.replace("num_modalities", "num_modalitiex"), "'num_modalities'");
  }

  private void assertRefused(String pickle, String... parts) throws IOException {
    Path file =
        Files.write(folder.resolve("plans.pkl"), pickle.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  @Test
  void theStageAfterNormalisationIsTheResult() throws IOException {
    Path of = VOLUMES.resolve("unresampled");
    Path array = folder.resolve("whole.npy");
    PatchSet.of(VolumePreparation.ofNnUnet(of, Optional.empty()), PatchRule.whole())
        .withStages(folder.resolve("stages"))
        .write(CaseFiles.group(List.of(of.resolve("case_0000.nii.gz")), OptionalInt.of(1)), array);
    byte[] whole = Files.readAllBytes(array);
    byte[] stage = Files.readAllBytes(folder.resolve("stages/after_normalisation.npy"));
    assertThat(stage.length).isEqualTo(whole.length);
    assertThat(Arrays.copyOfRange(stage, 128, stage.length))
        .isEqualTo(Arrays.copyOfRange(whole, 128, whole.length));
    assertThat(folder.resolve("stages/after_crop.npy")).exists();
  }
}
