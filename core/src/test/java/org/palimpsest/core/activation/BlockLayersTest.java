package org.palimpsest.core.activation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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
}
