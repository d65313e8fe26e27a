package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.LoadReport.ShapeMismatch;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class DjlWeightsTest {

  private static final NDManager MANAGER = NDManager.newBaseManager("PyTorch");

  @AfterAll
  static void closeManager() {
    MANAGER.close();
  }

  private static Weights weights(WeightTensor... tensors) {
    return Weights.of(Provenance.inMemory("w"), "w", List.of(tensors));
  }

  private static WeightTensor tensor(String name, long... shape) {
    return new WeightTensor(name, Nd4j.rand(shape), "float32", LayerKind.UNKNOWN);
  }

  @Test
  void parametersHaveTheirBlocksPathsAndKinds() {
    Weights weights = DjlWeights.of("u", TinyUNet.initialised(MANAGER));

    assertThat(weights.tensors())
        .extracting(WeightTensor::name)
        .containsExactly(
            "01encoder.01Conv2d.weight",
            "01encoder.01Conv2d.bias",
            "01encoder.02BatchNorm.gamma",
            "01encoder.02BatchNorm.beta",
            "01encoder.02BatchNorm.runningMean",
            "01encoder.02BatchNorm.runningVar",
            "02bottom.weight",
            "02bottom.bias",
            "05head.weight",
            "05head.bias");
    WeightTensor convolution = weights.find("02bottom.weight").orElseThrow();
    assertThat(convolution.layerKind()).isEqualTo(LayerKind.CONVOLUTION);
    assertThat(convolution.dtype()).isEqualTo("float32");
    assertThat(convolution.values().shape()).containsExactly(6, 4, 3, 3);
    assertThat(weights.find("01encoder.02BatchNorm.gamma").orElseThrow().layerKind())
        .isEqualTo(LayerKind.NORMALISATION);
  }

  @Test
  void theValuesAreDjlsOwn() {
    TinyUNet network = TinyUNet.initialised(MANAGER);
    Weights weights = DjlWeights.of("u", network);
    List<Parameter> parameters = new ArrayList<>(network.getParameters().values());

    for (int i = 0; i < parameters.size(); i++) {
      NDArray expected = parameters.get(i).getArray();
      assertThat(weights.tensors().get(i).values().dup().data().asFloat())
          .as(weights.tensors().get(i).name())
          .isEqualTo(expected.toFloatArray());
    }
  }

  @Test
  void aNetworkThatIsGivenAnothersWeightsAnswersAsItDoes() {
    TinyUNet source = TinyUNet.initialised(MANAGER);
    TinyUNet target = TinyUNet.initialised(MANAGER);
    Probes probes = Probes.of(Nd4j.rand(3, 1, 8, 8));

    LoadReport report = DjlWeights.load(DjlWeights.of("source", source), target);

    assertThat(report.isComplete()).isTrue();
    assertThat(report.matched()).hasSize(10);
    var expected = DjlBlockNetwork.of("s", source).capture(probes, LayerSelector.all());
    var actual = DjlBlockNetwork.of("t", target).capture(probes, LayerSelector.all());
    assertThat(actual.get("output[0]").values()).isEqualTo(expected.get("output[0]").values());
  }

  @Test
  void aStateDictFitsByTheNamesThatPyTorchUses() {
    TinyUNet network = TinyUNet.initialised(MANAGER);
    WeightTensor bottom = tensor("bottom.weight", 6, 4, 3, 3);
    WeightTensor mean = tensor("encoder.BatchNorm.running_mean", 4);
    WeightTensor head = tensor("head.weight", 2, 9, 3, 3);
    WeightTensor other = tensor("fc.weight", 2, 2);

    LoadReport report = DjlWeights.load(weights(bottom, mean, head, other), network);

    assertThat(report.matched())
        .containsExactly("01encoder.02BatchNorm.runningMean", "02bottom.weight");
    assertThat(report.unexpected()).containsExactly("fc.weight");
    assertThat(report.otherShape())
        .containsExactly(
            ShapeMismatch.of("05head.weight", new long[] {2, 10, 3, 3}, new long[] {2, 9, 3, 3}));
    assertThat(report.missing()).contains("02bottom.bias").hasSize(7);
    assertThat(report.isComplete()).isFalse();
    assertThat(report.describe()).contains("2 matched", "fc.weight", "[2, 9, 3, 3]");
    Weights after = DjlWeights.of("u", network);
    assertThat(after.find("02bottom.weight").orElseThrow().values())
        .isEqualTo(bottom.values().castTo(org.nd4j.linalg.api.buffer.DataType.FLOAT));
  }

  @Test
  void namesCanBeChangedOnTheWay() {
    Block linear = Linear.builder().setUnits(2).build();
    linear.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 3));
    Weights weights = weights(tensor("classifier.weight", 2, 3), tensor("classifier.bias", 2));

    LoadReport report = DjlWeights.load(weights, linear, name -> name.replace("classifier.", ""));

    assertThat(report.isComplete()).isTrue();
    assertThatThrownBy(() -> DjlWeights.load(weights, linear, name -> "weight"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("to two tensors");
  }

  @Test
  void anAmbiguousPlainNameMatchesNothing() {
    SequentialBlock twins =
        new SequentialBlock()
            .add(Linear.builder().setUnits(3).build())
            .add(Linear.builder().setUnits(3).build());
    twins.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 3));

    LoadReport report = DjlWeights.load(weights(tensor("Linear.weight", 3, 3)), twins);

    assertThat(report.matched()).isEmpty();
    assertThat(report.unexpected()).containsExactly("Linear.weight");
  }

  @Test
  void whatIsLoadedCanStillBeTrained() {
    Block linear = Linear.builder().setUnits(2).build();
    linear.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 3));
    NDArray array = linear.getDirectParameters().get("weight").getArray();
    array.setRequiresGradient(true);

    DjlWeights.load(weights(tensor("weight", 2, 3)), linear);

    assertThat(array.hasGradient()).isTrue();
  }

  @Test
  void anUninitialisedNetworkIsRefused() {
    Block linear = Linear.builder().setUnits(2).build();

    assertThatThrownBy(() -> DjlWeights.of("raw", linear))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("initialize");
  }
}
