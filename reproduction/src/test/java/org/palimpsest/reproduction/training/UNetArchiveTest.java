package org.palimpsest.reproduction.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.reproduction.training.UNetDesign.Normalisation;

/** What is written as TorchScript is what was meant: layer by layer, against plain loops. */
class UNetArchiveTest {

  private static final UNetDesign TINY = UNetDesign.small().withWidth(2);

  @TempDir private Path folder;

  @Test
  void eachLayerOfAnArchiveComputesWhatItShould() throws IOException {
    UNet network = UNet.of(TINY);
    NetworkState state = scrambled(network);
    ActivationSet layers = capture(network, state, probes(1, 8, 12));
    INDArray image = probes(1, 8, 12);
    assertClose(PlainLayers.convolution(image, state, "enc1.conv1"), layer(layers, "enc1.conv1"));
    assertClose(
        PlainLayers.batchNormalisation(layer(layers, "enc1.conv1"), state, "enc1.norm1"),
        layer(layers, "enc1.norm1"));
    assertClose(PlainLayers.relu(layer(layers, "enc1.norm1")), layer(layers, "enc1.relu1"));
    assertClose(PlainLayers.halved(layer(layers, "enc1")), layer(layers, "pool"));
    assertClose(PlainLayers.halved(layer(layers, "enc2")), layer(layers, "pool#2"));
    assertClose(PlainLayers.doubled(layer(layers, "enc3"), state, "up2"), layer(layers, "up2"));
    assertClose(
        PlainLayers.convolution(
            Nd4j.concat(1, layer(layers, "up2"), layer(layers, "enc2")), state, "dec2.conv1"),
        layer(layers, "dec2.conv1"));
    assertClose(
        PlainLayers.convolution(
            Nd4j.concat(1, layer(layers, "up1"), layer(layers, "enc1")), state, "dec1.conv1"),
        layer(layers, "dec1.conv1"));
    assertClose(PlainLayers.convolution(layer(layers, "dec1"), state, "out"), layer(layers, "out"));
  }

  static Stream<UNetDesign> designs() {
    List<UNetDesign> designs = new ArrayList<>();
    for (int dimensions : List.of(2, 3)) {
      for (Normalisation normalisation : Normalisation.values()) {
        UNetDesign design =
            TINY.withDimensions(dimensions).withNormalisation(normalisation).withDepth(2);
        designs.add(design);
        designs.add(design.withResidualBlocks());
      }
    }
    designs.add(TINY.withDepth(4));
    return designs.stream();
  }

  @ParameterizedTest
  @MethodSource("designs")
  void everyDesignCanBeSavedAndRunAndReadBack(UNetDesign design) throws IOException {
    UNet network = UNet.of(design);
    NetworkState state = scrambled(network);
    INDArray probes = design.dimensions() == 2 ? probes(2, 8, 16) : probes(2, 4, 8, 8);
    ActivationSet layers = capture(network, state, probes);
    assertThat(layers.get("out").values().shape()).isEqualTo(probes.shape());
    assertThat(layers.layers()).contains("enc1", "enc2", "up1", "dec1", "out");
    NetworkState read = SavedNetwork.read(network, folder.resolve("network.pt"));
    assertThat(read.tensors().keySet()).isEqualTo(state.tensors().keySet());
    state
        .tensors()
        .forEach((path, values) -> assertThat(read.tensors()).containsEntry(path, values));
  }

  @Test
  void theSameNetworkIsAlwaysTheSameFile() {
    UNet network = UNet.of(TINY);
    assertThat(network.archive(InitialState.he(3).of(network)))
        .isEqualTo(network.archive(InitialState.he(3).of(UNet.of(TINY))));
  }

  @Test
  void freshKernelsHaveTheVarianceOfHe() {
    UNet network = UNet.of(UNetDesign.small());
    float[] kernel = InitialState.he(1).of(network).tensors().get("enc3.conv2.weight");
    double square = 0;
    for (float weight : kernel) {
      square += (double) weight * weight / kernel.length;
    }
    assertThat(square * (32 * 9) / 2).isBetween(0.93, 1.07);
  }

  private ActivationSet capture(UNet network, NetworkState state, INDArray probes)
      throws IOException {
    Path file = Files.write(folder.resolve("network.pt"), network.archive(state));
    try (TorchScriptNetwork opened = TorchScriptNetwork.open(file)) {
      return opened.capture(Probes.of(probes), LayerSelector.all());
    }
  }

  /** No tensor is left neutral, so that none can be forgotten unnoticed. */
  private static NetworkState scrambled(UNet network) {
    Random random = new Random(11);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    network
        .slots()
        .forEach(
            (path, slot) -> {
              float[] values = new float[slot.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = 0.2f + random.nextFloat();
              }
              tensors.put(path, values);
            });
    return new NetworkState(tensors);
  }

  private static INDArray probes(int count, int... grid) {
    long[] shape = new long[grid.length + 2];
    shape[0] = count;
    shape[1] = 1;
    int size = count;
    for (int axis = 0; axis < grid.length; axis++) {
      shape[axis + 2] = grid[axis];
      size *= grid[axis];
    }
    Random random = new Random(5);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.create(values, shape, 'c');
  }

  private static INDArray layer(ActivationSet layers, String name) {
    return layers.get(name).values();
  }

  private static void assertClose(INDArray expected, INDArray actual) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double scale = Math.max(1e-6, expected.amaxNumber().doubleValue());
    assertThat(expected.sub(actual).amaxNumber().doubleValue()).isLessThan(1e-5 * scale);
  }
}
