package org.palimpsest.io.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.palimpsest.io.internal.pytorch.PickledModule;

class SavedSequencesTest {

  private static final String SEQUENTIAL = "torch.nn.modules.container.Sequential";
  private static final String ADN = "monai.networks.blocks.acti_norm.ADN";

  private final Map<String, PickledModule> modules = new LinkedHashMap<>();

  private PickledModule module(String path, String type) {
    PickledModule module = new PickledModule(path, path, type, Map.of(), false, List.of());
    modules.put(path, module);
    return module;
  }

  /** Norm, dropout and activation have one state dict in whatever order they run. */
  @Test
  void anotherOrderIsTold() {
    module("", "net.Net");
    PickledModule adn = module("block.adn", ADN);
    module("block.adn.A", "torch.nn.modules.activation.ReLU");
    module("block.adn.N", "torch.nn.modules.batchnorm.BatchNorm2d");
    module("block.adn.N.inner", "net.Inner");
    SavedSequences sequences = new SavedSequences(modules, "");

    assertThat(sequences.contradiction(adn, List.of("block.adn.A", "block.adn.N", "block.adn")))
        .isEmpty();
    assertThat(
            sequences.contradiction(adn, List.of("block.adn.N.inner", "block.adn.A", "block.adn")))
        .contains("runs A, N, described as N, A");
    assertThat(sequences.contradiction(adn, List.of("block.adn.A"))).isEmpty();
    assertThat(
            sequences.contradiction(module("block", "net.Block"), List.of("block.b", "block.adn")))
        .as("of which it is not known what it does")
        .isEmpty();
  }

  @Test
  void theNetworkMayLieBelowOthers() {
    module("", "net.Lightning");
    PickledModule inner = module("model.inner", SEQUENTIAL);
    module("model.inner.1", "torch.nn.modules.activation.ReLU");
    module("model.inner.0", "torch.nn.modules.conv.Conv2d");

    assertThat(
            new SavedSequences(modules, "model.")
                .contradiction(inner, List.of("inner.0", "inner.1")))
        .contains("runs 1, 0, described as 0, 1");
  }

  @Test
  void whatASequenceRunsBesideTheNetworkIsFound() {
    PickledModule whole = module("", SEQUENTIAL);
    module("0", "net.Net");
    module("0.conv", "torch.nn.modules.conv.Conv2d");
    PickledModule sigmoid = module("1", "torch.nn.modules.activation.Sigmoid");

    assertThat(new SavedSequences(modules, "0.").beside(whole)).containsExactly(sigmoid);
    assertThat(new SavedSequences(modules, "0.").beside(sigmoid)).isEmpty();
    assertThat(new SavedSequences(modules, "").beside(whole)).isEmpty();
    modules.put("", new PickledModule("", "", "net.Lightning", Map.of(), false, List.of()));
    assertThat(new SavedSequences(modules, "0.").beside(modules.get(""))).isEmpty();
  }
}
