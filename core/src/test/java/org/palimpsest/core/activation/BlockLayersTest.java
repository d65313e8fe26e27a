package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.activation.LayerSelector.BlockLayers;

class BlockLayersTest {

  @Test
  void blocksAreTheModulesBelowTheRootAtTheirFirstCall() {
    assertThat(
            BlockLayers.among(
                List.of("enc1.conv", "enc1", "pool", "enc2", "pool#2", "relu", "out", "output")))
        .containsExactly("enc1", "enc2", "out");
  }

  @Test
  void oneModuleThatHoldsAllOthersIsLookedInto() {
    assertThat(BlockLayers.among(List.of("net.enc.conv", "net.enc", "net.act", "net.out", "net")))
        .containsExactly("net.enc", "net.out");
  }

  @Test
  void withoutBlocksAllLayersAreTaken() {
    assertThat(BlockLayers.among(List.of("relu", "output"))).containsExactly("relu", "output");
  }

  @Test
  void amongOperationsABlockIsTheLastOneOfItsModule() {
    assertThat(
            BlockLayers.among(
                List.of(
                    "/enc/enc.0/Conv",
                    "/enc/enc.1/Relu",
                    "/pool/MaxPool",
                    "/deep/Conv",
                    "/Concat")))
        .containsExactly("/enc/enc.1/Relu", "/deep/Conv");
  }

  @Test
  void oneModuleThatHoldsAllOperationsIsLookedInto() {
    assertThat(BlockLayers.among(List.of("/net/a/Conv", "/net/a/Relu", "/net/b/Conv", "/net/Add")))
        .containsExactly("/net/a/Relu", "/net/b/Conv");
  }

  @Test
  void stagesAreTheBlocksOfNnUnet() {
    assertThat(
            BlockLayers.among(
                List.of(
                    "encoder.stem.convs.0",
                    "encoder.stem",
                    "encoder.stages.0.0.convs.0",
                    "encoder.stages.0",
                    "encoder.stages.1.blocks.0",
                    "encoder.stages.1",
                    "decoder.transpconvs.0",
                    "decoder.stages.0.convs",
                    "decoder.stages.0",
                    "decoder.seg_layers.0",
                    "decoder",
                    "output")))
        .containsExactly("encoder.stages.0", "encoder.stages.1", "decoder.stages.0");
    assertThat(
            BlockLayers.among(
                List.of(
                    "conv_blocks_context.0.blocks.0",
                    "conv_blocks_context.0",
                    "conv_blocks_context.1.0",
                    "conv_blocks_context.1",
                    "tu.0",
                    "conv_blocks_localization.0.0",
                    "conv_blocks_localization.0",
                    "seg_outputs.0",
                    "output")))
        .containsExactly(
            "conv_blocks_context.0", "conv_blocks_context.1", "conv_blocks_localization.0");
  }

  @Test
  void layersAreTheBlocksOfResNetsAndWhatSeveralLayersMakeBesideThem() {
    assertThat(
            BlockLayers.among(
                List.of(
                    "backbone.conv1",
                    "backbone.bn1",
                    "backbone.layer1.0.conv1",
                    "backbone.layer1",
                    "backbone.layer2.0.conv1",
                    "backbone.layer2",
                    "classifier.0",
                    "classifier.1",
                    "classifier",
                    "output")))
        .containsExactly("backbone.layer1", "backbone.layer2", "classifier");
    assertThat(
            BlockLayers.among(
                List.of(
                    "encoder.conv1",
                    "encoder.layer1.0.conv1",
                    "encoder.layer1",
                    "encoder.layer2.0.conv1",
                    "encoder.layer2",
                    "decoder.blocks.0.conv1.0",
                    "decoder.blocks.0",
                    "decoder.blocks.1.conv1.0",
                    "decoder.blocks.1",
                    "decoder",
                    "segmentation_head.0",
                    "segmentation_head",
                    "output")))
        .containsExactly(
            "encoder.layer1",
            "encoder.layer2",
            "decoder.blocks.0",
            "decoder.blocks.1",
            "segmentation_head");
  }

  @Test
  void layersWithoutLayersInThemAreNoBlocksOfAResNet() {
    assertThat(BlockLayers.among(List.of("layer1", "layer2", "head", "output")))
        .containsExactly("layer1", "layer2", "head");
  }

  @Test
  void eachLevelOfANestedNetworkIsABlockOnTheWayDownAndUp() {
    assertThat(
            BlockLayers.among(
                List.of(
                    "model.0.conv",
                    "model.0",
                    "model.1.submodule.0.conv",
                    "model.1.submodule.0",
                    "model.1.submodule.1.submodule.conv",
                    "model.1.submodule.1.submodule",
                    "model.1.submodule.1",
                    "model.1.submodule.2.0.conv",
                    "model.1.submodule.2.0",
                    "model.1.submodule.2",
                    "model.1.submodule",
                    "model.1",
                    "model.2.0",
                    "model.2",
                    "model",
                    "output")))
        .containsExactly(
            "model.0",
            "model.1.submodule.0",
            "model.1.submodule.1.submodule",
            "model.1.submodule.2",
            "model.2");
  }

  @Test
  void aLevelThatDoesSomethingAfterTheOneBelowIsABlock() {
    assertThat(
            BlockLayers.among(
                List.of(
                    "net.model.0.conv",
                    "net.model.0",
                    "net.model.1.submodule.conv",
                    "net.model.1.submodule",
                    "net.model.1.merge.conv",
                    "net.model.1.merge",
                    "net.model.1",
                    "net.model.2.conv",
                    "net.model.2",
                    "net.model",
                    "output")))
        .containsExactly("net.model.0", "net.model.1.submodule", "net.model.1", "net.model.2");
  }

  @Test
  void listsOfModulesAreLookedThrough() {
    assertThat(
            BlockLayers.among(
                List.of("stem", "downs.0.conv", "downs.0", "downs.1.conv", "downs.1", "head")))
        .containsExactly("stem", "downs.0", "downs.1", "head");
  }

  @Test
  void ofManyLayersTheFirstDepthOfFiveModulesIsTaken() {
    List<String> layers = new ArrayList<>();
    for (String half : List.of("down", "up")) {
      for (int block = 0; block < 3; block++) {
        for (int conv = 0; conv < 10; conv++) {
          layers.add(half + ".block" + block + ".conv" + conv);
        }
        layers.add(half + ".block" + block);
      }
      layers.add(half);
    }

    assertThat(BlockLayers.areMany(layers)).isTrue();
    assertThat(BlockLayers.among(layers))
        .containsExactly(
            "down.block0", "down.block1", "down.block2", "up.block0", "up.block1", "up.block2");
    assertThat(BlockLayers.among(layers.subList(30, layers.size())))
        .as("of fewer layers")
        .containsExactly("down", "up");
  }

  @Test
  void manyBlocksAreToldByTheirEnds() {
    List<String> blocks = IntStream.range(0, 20).mapToObj(i -> "b" + i).toList();

    assertThat(BlockLayers.summary(blocks.subList(0, 3))).isEqualTo("b0, b1, b2");
    assertThat(BlockLayers.summary(blocks))
        .isEqualTo("b0, b1, b2, b3, b4, b5, … (20), b14, b15, b16, b17, b18, b19");
  }
}
