package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.RunNotes;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Compares with what forward hooks saw in PyTorch 1.13 (io/src/test/python,
 * make_torchscript_fixtures.py).
 */
class TorchScriptNetworkTest {

  private static final double TOLERANCE = 1e-5;
  private static final double HALF_TOLERANCE = 2e-3;
  private static final String HALF = "half_precision";

  static List<String> networks() {
    File folder = HookedActivations.archive(HALF + ".npz").getParent().toFile();
    String[] files = folder.list((d, name) -> name.endsWith(".npz"));
    return Arrays.stream(files)
        .map(name -> name.replace(".npz", ""))
        .filter(name -> !name.equals(HALF))
        .sorted()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void capturesWhatForwardHooksSeeInPython(String name) throws IOException {
    HookedActivations hooked = HookedActivations.read(name);

    ActivationSet captured = capture(name, hooked.probes(), 2);

    assertThat(captured.layers()).containsExactlyElementsOf(hooked.layers().keySet());
    hooked
        .layers()
        .forEach((layer, values) -> assertClose(layer, captured.get(layer).values(), values));
  }

  /** The reference is float32 with the same weights, for want of half precision on the CPU. */
  @Test
  void runsHalfPrecisionAndGivesFloat32() throws IOException {
    HookedActivations hooked = HookedActivations.read(HALF);

    ActivationSet captured = capture(HALF, hooked.probes(), 2);

    assertThat(captured.provenance().notes()).contains("the network takes its input as float16");
    hooked
        .layers()
        .forEach(
            (layer, values) -> {
              assertThat(captured.get(layer).values().dataType()).isEqualTo(DataType.FLOAT);
              assertClose(layer, captured.get(layer).values(), values, HALF_TOLERANCE);
            });
  }

  /** They would become infinite, and the network would be blamed. */
  @Test
  void probesThatHalfPrecisionCannotHoldAreRefused() throws IOException {
    INDArray probes = HookedActivations.read(HALF).probes().dup();
    probes.putScalar(0, 1e5);

    assertThatThrownBy(() -> capture(HALF, probes, 2))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("float16", "cannot hold 100000");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 16})
  void theSizeOfTheBatchesDoesNotMatter(int batchSize) throws IOException {
    HookedActivations hooked = HookedActivations.read("unet_scripted");

    ActivationSet captured = capture("unet_scripted", hooked.probes(), batchSize);

    hooked
        .layers()
        .forEach((layer, values) -> assertClose(layer, captured.get(layer).values(), values));
  }

  @Test
  void givesTheChosenLayersAlone() throws IOException {
    INDArray probes = HookedActivations.read("unet_scripted").probes();
    try (TorchScriptNetwork network = open("unet_scripted")) {
      assertThat(network.capture(Probes.of(probes), LayerSelector.of("enc?", "out")).layers())
          .containsExactly("enc1", "enc2", "enc3", "out");
    }
  }

  @Test
  void listsTheLayersThatCanBeCaptured() throws IOException {
    INDArray probes = HookedActivations.read("odd").probes();
    try (TorchScriptNetwork network = open("odd")) {
      assertThat(network.layers(Probes.of(probes)))
          .contains("which", "positive", "output")
          .doesNotContain("total");
    }
  }

  @Test
  void aLayerWithoutADimensionOfTheProbesIsLeftOutAndSaidSo() throws IOException {
    INDArray probes = HookedActivations.read("odd").probes();

    ActivationSet captured = capture("odd", probes, 2);

    assertThat(captured.layers()).doesNotContain("total").contains("output");
    assertThat(captured.provenance().notes())
        .anyMatch(note -> note.startsWith("left out layer 'total'"));
  }

  @Test
  void suchALayerIsAnErrorWhenAskedForByName() throws IOException {
    INDArray probes = HookedActivations.read("odd").probes();
    try (TorchScriptNetwork network = open("odd")) {
      assertThatThrownBy(() -> network.capture(Probes.of(probes), LayerSelector.of("total")))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("Layer 'total'")
          .hasMessageContaining("[4]");
    }
  }

  @Test
  void samplesInTheSecondDimensionAreMovedToTheFrontAndSaidSo() throws IOException {
    HookedActivations hooked = HookedActivations.read("samples_second");

    ActivationSet captured = capture("samples_second", hooked.probes(), 2);

    assertThat(captured.get("rnn[0]").values().shape()).containsExactly(5, 4, 2);
    assertThat(captured.provenance().notes())
        .contains("layer 'rnn[0]' has its samples in dimension 2: moved to the front");
  }

  @Test
  void theProvenanceNamesFileHashAndTheSwitchOfMode() {
    try (TorchScriptNetwork network = open("dropout_saved_in_training")) {
      assertThat(network.provenance().notes())
          .contains("saved in training mode; run in evaluation mode");
      assertThat(network.provenance().sha256()).matches("[0-9a-f]{64}");
      assertThat(network.provenance().origin()).endsWith("dropout_saved_in_training.pt");
      assertThat(network.name()).isEqualTo("dropout_saved_in_training.pt");
    }
  }

  @Test
  void theProvenanceWarnsOfDropoutThatWasTracedInTrainingMode() {
    try (TorchScriptNetwork network = open("traced_in_training")) {
      assertThat(network.provenance().notes())
          .anyMatch(note -> note.startsWith("traced in training mode"));
    }
    try (TorchScriptNetwork network = open("dropout_saved_in_training")) {
      assertThat(network.provenance().notes())
          .noneMatch(note -> note.startsWith("traced in training mode"));
    }
  }

  @ParameterizedTest
  @CsvSource({"quantised_layers, true", "quantised, false", "unet_scripted, false"})
  void theProvenanceWarnsOfProductsThatDependOnTheProcessor(String name, boolean warns) {
    try (TorchScriptNetwork network = open(name)) {
      assertThat(network.provenance().notes().contains(RunNotes.QUANTISED)).isEqualTo(warns);
    }
  }

  static TorchScriptNetwork open(String name) {
    return TorchScriptNetwork.open(HookedActivations.archive(name + ".pt"));
  }

  static ActivationSet capture(String name, INDArray probes, int batchSize) {
    RunLimits options = RunLimits.withDefaults().withBatchSize(batchSize);
    try (TorchScriptNetwork network =
        TorchScriptNetwork.open(HookedActivations.archive(name + ".pt"), options)) {
      return network.capture(Probes.of(probes), LayerSelector.all());
    }
  }

  static void assertClose(String layer, INDArray actual, INDArray expected) {
    assertClose(layer, actual, expected, TOLERANCE);
  }

  private static void assertClose(
      String layer, INDArray actual, INDArray expected, double tolerance) {
    List<Long> shape = new ArrayList<>();
    for (long extent : expected.shape()) {
      shape.add(extent);
    }
    if (expected.rank() == 1) {
      shape.add(1L);
    }
    assertThat(actual.shape())
        .as(layer)
        .containsExactly(shape.stream().mapToLong(Long::longValue).toArray());
    double scale = expected.amaxNumber().doubleValue();
    double difference =
        actual
            .castTo(expected.dataType())
            .reshape(expected.shape())
            .sub(expected)
            .amaxNumber()
            .doubleValue();
    assertThat(difference).as(layer).isLessThanOrEqualTo(tolerance * Math.max(scale, 1e-30));
  }
}
