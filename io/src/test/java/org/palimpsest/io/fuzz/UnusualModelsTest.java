package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.network.NetworkOptions;

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

  /** As Keras 3 writes it: each layer has a group for its arrays, and there are none. */
  @Test
  void weightsOfANetworkWithoutArraysTakeItsArchitecture(@TempDir Path folder) throws IOException {
    Hdf5Writer writer = new Hdf5Writer(true, 0, -1);
    long vars = writer.group(List.of());
    long flatten = writer.group(List.of(Hdf5Writer.Link.hard("vars", vars)));
    long layers = writer.group(List.of(Hdf5Writer.Link.hard("flatten", flatten)));
    long root =
        writer.group(
            List.of(
                Hdf5Writer.Link.hard("layers", layers),
                Hdf5Writer.Link.hard("vars", writer.group(List.of()))));
    Path file = Files.write(folder.resolve("net.weights.h5"), writer.bytes(root));
    NetworkOptions described =
        NetworkOptions.none().withArchitecture(Path.of("net.json").toAbsolutePath());

    assertThatThrownBy(() -> FrontEnds.of(file, NetworkOptions.none()).orElseThrow().weights())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("no arrays of layers", "--architecture");
    assertThatCode(() -> Inputs.requireNoOtherDescription(file, described))
        .doesNotThrowAnyException();
  }
}
