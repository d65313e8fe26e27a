package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A few of the sound but unusual models of the campaign. */
class UnusualModelsTest {

  @ParameterizedTest
  @EnumSource(UnusualModels.class)
  void unusualModelsAreReadRightOrRefused(UnusualModels models, @TempDir Path folder)
      throws IOException {
    boolean run = models == UnusualModels.TORCHSCRIPT_UNUSUAL; // by libtorch, which takes longer
    assertThat(models.findings(run ? 10 : 25, 7, folder)).isEmpty();
  }

  /** Found by a campaign: depths that no memory holds, and a number in the place of a list. */
  @ParameterizedTest
  @ValueSource(longs = {22074, 25122, 26941, 33491})
  void whatACampaignFoundInNnUnetsStaysFound(long seed, @TempDir Path folder) throws IOException {
    assertThat(UnusualNnUnets.finding(seed, folder)).isEmpty();
  }

  @Test
  void trainersOfNnUnetBringTheirActivations(@TempDir Path folder) throws IOException {
    assertThat(UnusualNnUnets.findingsOfTrainers(folder)).isEmpty();
  }

  @Test
  void nnUnetMakesOneConvolutionWhereNoneIsAsked(@TempDir Path folder) throws IOException {
    assertThat(UnusualNnUnets.openWithOneConvolution(folder)).isPositive();
  }
}
