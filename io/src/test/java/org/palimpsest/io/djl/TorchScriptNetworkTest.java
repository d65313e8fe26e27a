package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;

/**
 * Compares with what forward hooks saw in PyTorch 1.13 (io/src/test/python,
 * make_torchscript_fixtures.py).
 */
class TorchScriptNetworkTest {

  private static final double TOLERANCE = 1e-5;

  static List<String> networks() {
    String[] files =
        HookedActivations.archive("").toFile().list((d, name) -> name.endsWith(".npz"));
    return Arrays.stream(files).map(name -> name.replace(".npz", "")).sorted().toList();
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

  static ActivationSet capture(String name, INDArray probes, int batchSize) {
    TorchScriptNetwork.Options options =
        TorchScriptNetwork.Options.withDefaults().withBatchSize(batchSize);
    try (TorchScriptNetwork network =
        TorchScriptNetwork.open(HookedActivations.archive(name + ".pt"), options)) {
      return network.capture(Probes.of(probes), LayerSelector.all());
    }
  }

  static void assertClose(String layer, INDArray actual, INDArray expected) {
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
    assertThat(difference).as(layer).isLessThanOrEqualTo(TOLERANCE * Math.max(scale, 1e-30));
  }
}
