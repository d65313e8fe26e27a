package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** Networks that give their input times the number of their runs, and one that draws numbers. */
class TorchScriptStateTest {

  private static final INDArray PROBES = Nd4j.linspace(1, 20, 20).reshape(5, 4);

  private static TorchScriptNetwork open(String name, RunLimits limits) {
    return TorchScriptNetwork.open(HookedActivations.archive(name + ".pt"), limits);
  }

  private static void assertFirstPass(ActivationSet captured, long... timesByProbe) {
    INDArray output = captured.get("output").values();
    for (int i = 0; i < timesByProbe.length; i++) {
      assertThat(output.getRow(i).toDoubleVector())
          .containsExactly(PROBES.getRow(i).mul(timesByProbe[i]).toDoubleVector());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "counts_runs",
        "counts_in_buffer",
        "counts_in_list",
        "counts_in_tuple",
        "counts_in_tensors",
        "counts_in_shape",
        "counts_from_nan"
      })
  void whatANetworkWithStateGivesIsThatOfAFirstPass(String name) {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults())) {
      assertThat(network.layers(Probes.of(PROBES))).contains("output");
      for (int i = 0; i < 2; i++) {
        assertFirstPass(network.capture(Probes.of(PROBES), LayerSelector.all()), 1, 1, 1, 1, 1);
      }
      assertThat(network.provenance().notes())
          .anyMatch(
              note -> note.startsWith("changes its own state") && note.contains("batches of 5"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "counts_runs",
        "counts_in_buffer",
        "counts_in_list",
        "counts_in_tuple",
        "counts_in_tensors",
        "counts_in_shape"
      })
  void severalBatchesFollowEachOtherAsInOnePassAndTheirSizesAreSaid(String name) {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults().withBatchSize(2))) {
      assertFirstPass(network.capture(Probes.of(PROBES), LayerSelector.all()), 1, 1, 2, 2, 3);
      assertThat(network.provenance().notes())
          .anyMatch(note -> note.contains("batches of 2, 2, 1"));
    }
  }

  /** No look at one or two probes shows that they count, and no single pass tells it. */
  @ParameterizedTest
  @ValueSource(strings = {"counts_many_in_parameter", "counts_many_in_tensors"})
  void stateThatOnlyLargerBatchesChangeIsSeenInTheEnd(String name) {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults().withBatchSize(3))) {
      for (int i = 0; i < 2; i++) {
        assertFirstPass(network.capture(Probes.of(PROBES), LayerSelector.all()), 1, 1, 1, 2, 2);
      }
      assertThat(network.provenance().notes())
          .anyMatch(note -> note.startsWith("changes its own state") && note.contains("of 3, 2 "));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"counts_many_in_parameter", "counts_many_in_tensors"})
  void stateThatNoBatchChangesIsNotTold(String name) {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults().withBatchSize(2))) {
      assertFirstPass(network.capture(Probes.of(PROBES), LayerSelector.all()), 1, 1, 1, 1, 1);
      assertThat(network.provenance().notes()).noneMatch(note -> note.contains("state"));
    }
  }

  @Test
  void looksAtHowMuchFitsIntoMemoryLeaveNoTrace() {
    RunLimits limits = RunLimits.withDefaults().withMemory(new MemoryBound(16L << 30));
    try (TorchScriptNetwork network = open("counts_runs", limits)) {
      assertFirstPass(network.capture(Probes.of(PROBES), LayerSelector.all()), 1, 1, 1, 1, 1);
    }
  }

  /** To load it anew for every pass takes longer than a small network. */
  @Test
  void listsThatCodeMakesForItselfAreNoState() {
    assertThat(mayChangeUnseen("unet_scripted")).isFalse();
    assertThat(mayChangeUnseen("counts_in_list")).isTrue();
  }

  private static boolean mayChangeUnseen(String name) {
    return TorchScriptArchive.open(HookedActivations.archive(name + ".pt")).mayChangeUnseen();
  }

  @ParameterizedTest
  @ValueSource(strings = {"noisy", "drops_out_always"})
  void randomNumbersInEvaluationModeAreSaid(String name) {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults())) {
      network.capture(Probes.of(PROBES), LayerSelector.all());
      assertThat(network.provenance().notes())
          .anyMatch(note -> note.startsWith("draws random numbers"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet_scripted", "in_place_scripted", "dropout_saved_in_training"})
  void networksWithoutStateAreNotAccusedOfAny(String name) throws java.io.IOException {
    try (TorchScriptNetwork network = open(name, RunLimits.withDefaults())) {
      INDArray probes = HookedActivations.read(name).probes();
      network.capture(Probes.of(probes), LayerSelector.all());
      assertThat(network.provenance().notes())
          .noneMatch(note -> note.contains("state") || note.contains("random"));
    }
  }
}
