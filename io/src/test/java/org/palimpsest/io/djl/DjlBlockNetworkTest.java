package org.palimpsest.io.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Batchifier;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.ActivationSourceContract;
import org.palimpsest.io.internal.capture.Closeness;

class DjlBlockNetworkTest extends ActivationSourceContract {

  private static final NDManager MANAGER = NDManager.newBaseManager("PyTorch");
  private static final TinyUNet UNET = TinyUNet.initialised(MANAGER);
  private static final Probes PROBES =
      Probes.of(Nd4j.randn(org.nd4j.linalg.api.buffer.DataType.FLOAT, 5, 1, 8, 8));

  @AfterAll
  static void closeManager() {
    MANAGER.close();
  }

  @Override
  protected ActivationSource network(int batchSize) {
    return DjlBlockNetwork.of("tiny-unet", UNET).withBatchSize(batchSize);
  }

  @Override
  protected Probes probes() {
    return PROBES;
  }

  @Override
  protected Probes wrongProbes() {
    return Probes.of(Nd4j.ones(5, 3, 8, 8));
  }

  @Override
  protected List<String> layersInOrder() {
    return List.of(
        "01encoder.01Conv2d",
        "01encoder.02BatchNorm",
        "01encoder.03ReLU",
        "01encoder",
        "maxPool2d",
        "02bottom",
        "03relu",
        "04dropout",
        "up",
        "05head",
        "03relu#2",
        "output[0]",
        "output[1]");
  }

  private static INDArray forward(Block block, INDArray input) {
    try (NDManager manager = MANAGER.newSubManager()) {
      NDList in = new NDList(Tensors.toDjl(manager, input, DataType.FLOAT32));
      NDList out = block.forward(new ParameterStore(manager, false), in, false);
      return Tensors.toNd4j("expected", out.head());
    }
  }

  @Test
  void layersInsideACustomBlockAreWhatTheirBlocksAnswer() {
    ActivationSet captured = DjlBlockNetwork.of("u", UNET).capture(PROBES, LayerSelector.all());

    INDArray pooled = captured.get("maxPool2d").values();
    Closeness.assertClose(
        "02bottom", captured.get("02bottom").values(), forward(UNET.bottom(), pooled), 1e-6);
    INDArray beforeInPlace = captured.get("03relu#2").values();
    Closeness.assertClose(
        "output[0]", captured.get("output[0]").values(), beforeInPlace.mul(3), 1e-6);
    assertThat(captured.get("04dropout").values()).isEqualTo(captured.get("03relu").values());
  }

  @Test
  void aSequenceGivesWhatDjlGivesAsItsIntermediateResults() {
    SequentialBlock sequence =
        new SequentialBlock()
            .add(Linear.builder().setUnits(7).build())
            .add(Activation.tanhBlock())
            .add(Linear.builder().setUnits(3).build());
    sequence.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 4));
    Probes probes = Probes.of(Nd4j.randn(org.nd4j.linalg.api.buffer.DataType.FLOAT, 6, 4));
    ActivationSet captured =
        DjlBlockNetwork.of("mlp", sequence).capture(probes, LayerSelector.of("0*"));

    sequence.setReturnIntermediate(true);
    try (NDManager manager = MANAGER.newSubManager()) {
      NDList in = new NDList(Tensors.toDjl(manager, probes.batch(0, 6), DataType.FLOAT32));
      NDList each = sequence.forward(new ParameterStore(manager, false), in, false);
      assertThat(captured.layers()).containsExactly("01Linear", "02Tanh", "03Linear");
      for (int i = 0; i < 3; i++) {
        String layer = captured.layers().get(i);
        INDArray expected = Tensors.toNd4j(layer, each.get(each.size() - 3 + i));
        Closeness.assertClose(layer, captured.get(layer).values(), expected, 1e-6);
      }
    }
  }

  @Test
  void blocksInsideLambdasAndParallelBranchesAreSeen() {
    Linear hidden = Linear.builder().setUnits(2).build();
    hidden.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 4));
    Block branches =
        new ParallelBlock(lists -> new NDList(lists.get(0).head().concat(lists.get(1).head(), 1)))
            .add(Linear.builder().setUnits(3).build())
            .add(list -> hidden.forward(new ParameterStore(MANAGER, false), list, false));
    branches.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 4));

    ActivationSet captured =
        DjlBlockNetwork.of("branches", branches)
            .capture(Probes.of(Nd4j.rand(3, 4)), LayerSelector.all());

    assertThat(captured.layers())
        .containsExactly("01Linear", "02LambdaBlock.Linear", "02LambdaBlock", "output");
    assertThat(captured.get("output").values().shape()).containsExactly(3, 5);
  }

  @Test
  void recurrentBlocksAndTransposedResultsAreCopiedInCOrder() {
    SequentialBlock sequence =
        new SequentialBlock()
            .add(
                LSTM.builder()
                    .setStateSize(3)
                    .setNumLayers(1)
                    .optBatchFirst(true)
                    .optReturnState(false)
                    .build())
            .addSingleton(x -> x.swapAxes(1, 2), "swap");
    sequence.initialize(MANAGER, DataType.FLOAT32, new Shape(1, 4, 2));

    ActivationSet captured =
        DjlBlockNetwork.of("lstm", sequence)
            .capture(Probes.of(Nd4j.rand(2, 4, 2)), LayerSelector.all());

    assertThat(captured.get("02swap").values())
        .isEqualTo(captured.get("01LSTM").values().permute(0, 2, 1));
  }

  /** Halves what it is given and adds one, probe by probe. */
  private static final class Halving implements Translator<NDList, NDList> {

    @Override
    public NDList processInput(TranslatorContext context, NDList input) {
      return new NDList(input.head().div(2).add(1));
    }

    @Override
    public NDList processOutput(TranslatorContext context, NDList list) {
      return list;
    }

    @Override
    public Batchifier getBatchifier() {
      return Batchifier.STACK;
    }
  }

  private static Block linear() {
    return Linear.builder().setUnits(3).build();
  }

  private static Model linearModel() {
    Model model = Model.newInstance("linear", "PyTorch");
    Block linear = linear();
    linear.initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
    model.setBlock(linear);
    return model;
  }

  private static void requirePredictions(
      ActivationSource network, Predictor<NDList, NDList> predictor, NDManager manager)
      throws TranslateException {
    Probes probes = Probes.of(Nd4j.rand(5, 4).castTo(org.nd4j.linalg.api.buffer.DataType.FLOAT));
    INDArray captured = network.capture(probes, LayerSelector.all()).get("output").values();
    for (int i = 0; i < 5; i++) {
      NDArray probe = manager.create(probes.batch(i, i + 1).data().asFloat(), new Shape(4));
      INDArray predicted = Tensors.toNd4j("p", predictor.predict(new NDList(probe)).head());
      Closeness.assertClose("probe " + i, captured.getRow(i), predicted, 1e-6);
    }
    assertThat(network.provenance().notes()).anyMatch(note -> note.contains("Halving"));
  }

  @Test
  void aModelsTranslatorPreparesTheProbesAsItDoesForPrediction() throws Exception {
    try (Model model = linearModel();
        Predictor<NDList, NDList> predictor = model.newPredictor(new Halving())) {
      requirePredictions(
          DjlBlockNetwork.of(model, new Halving(), NDList::new), predictor, model.getNDManager());
    }
  }

  @Test
  void aModelOfAZooBringsItsOwnTranslator(@TempDir Path folder) throws Exception {
    try (Model model = linearModel()) {
      model.save(folder, "linear");
    }
    Criteria<NDList, NDList> criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optEngine("PyTorch")
            .optModelPath(folder)
            .optModelName("linear")
            .optBlock(linear())
            .optTranslator(new Halving())
            .build();
    try (ZooModel<NDList, NDList> model = criteria.loadModel();
        Predictor<NDList, NDList> predictor = model.newPredictor()) {
      requirePredictions(DjlBlockNetwork.of(model, NDList::new), predictor, model.getNDManager());
    }
  }

  @Test
  void aTranslatorWithoutBatchesGetsOneProbeAtATime() {
    try (Model model = linearModel()) {
      ActivationSet captured =
          DjlBlockNetwork.of(
                  model, new NoopTranslator(null), probe -> new NDList(probe.expandDims(0)))
              .capture(Probes.of(Nd4j.rand(5, 4)), LayerSelector.all());

      assertThat(captured.get("output").values().shape()).containsExactly(5, 3);
    }
  }

  @Test
  void aNetworkOfFloat64KeepsItsType() {
    Block linear = Linear.builder().setUnits(3).build();
    linear.initialize(MANAGER, DataType.FLOAT64, new Shape(1, 4));

    INDArray values =
        DjlBlockNetwork.of("wide", linear)
            .capture(Probes.of(Nd4j.rand(5, 4)), LayerSelector.all())
            .get("output")
            .values();

    assertThat(values.dataType()).isEqualTo(org.nd4j.linalg.api.buffer.DataType.DOUBLE);
  }

  @Test
  void anUninitialisedNetworkIsRefused() {
    Block linear = Linear.builder().setUnits(3).build();

    assertThatThrownBy(() -> DjlBlockNetwork.of("raw", linear))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'raw'")
        .hasMessageContaining("not initialised");
  }

  @Test
  void memoryOfTheEngineDoesNotGrowWithTheNumberOfBatches() {
    int before = MANAGER.getManagedArrays().size();
    DjlBlockNetwork.of("u", UNET).withBatchSize(1).capture(PROBES, LayerSelector.all());

    assertThat(MANAGER.getManagedArrays()).hasSize(before);
  }
}
