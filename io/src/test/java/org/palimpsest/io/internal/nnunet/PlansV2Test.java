package org.palimpsest.io.internal.nnunet;

import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

class PlansV2Test {

  /** As nnU-Net 2.8.1 writes it. */
  private static final String PLANS =
      """
      {"configurations": {"2d": {"architecture": {
        "network_class_name": "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet",
        "arch_kwargs": {"n_stages": 2, "features_per_stage": [4, 8],
          "conv_op": "torch.nn.modules.conv.Conv2d", "kernel_sizes": [[3, 3], [3, 3]],
          "strides": [[1, 1], [2, 2]], "n_blocks_per_stage": [1, 1], "n_conv_per_stage_decoder": [1],
          "conv_bias": true, "block": "dynamic_network_architectures.building_blocks.residual.BasicBlockD",
          "norm_op": "torch.nn.modules.instancenorm.InstanceNorm2d",
          "norm_op_kwargs": {"eps": 1e-05, "affine": true},
          "dropout_op": null, "dropout_op_kwargs": null,
          "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": true}},
        "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"]}}}}
      """;

  private static final String DATASET =
      """
      {"channel_names": {"0": "CT"}, "labels": {"background": 0, "organ": 1}}
      """;

  private static UNetPlan plan(String plans) throws JsonProcessingException {
    ObjectMapper json = new ObjectMapper();
    JsonNode dataset = json.readTree(DATASET);
    return new PlansV2("net.pth", json.readTree(plans), dataset).plan("2d");
  }

  @Test
  void whatNnUnetWritesIsRead() {
    assertThatNoException().isThrownBy(() -> plan(PLANS));
    assertThatNoException().isThrownBy(() -> plan(PLANS.replace("modules.conv.", "")));
  }

  /** nnU-Net imports the class by its whole name: one of another package may do anything. */
  @ParameterizedTest
  @CsvSource({
    "torch.nn.modules.conv.Conv2d, mylab.WSConv.Conv2d, conv_op",
    "torch.nn.modules.instancenorm.InstanceNorm2d, mylab.norms.InstanceNorm2d, norm_op",
    "torch.nn.modules.instancenorm.InstanceNorm2d, torch.nn.InstanceNorm1d, norm_op",
    "torch.nn.LeakyReLU, mylab.act.LeakyReLU, nonlin",
    "dynamic_network_architectures.building_blocks.residual.BasicBlockD, mylab.BasicBlockD, block",
    "dynamic_network_architectures.architectures.unet.ResidualEncoderUNet, mylab.ResidualEncoderUNet, mylab.ResidualEncoderUNet",
    "1e-05, -1.0, eps",
    "_kw_requires_import, frobnicate, frobnicate"
  })
  void whatIsNotKnownIsRefusedByName(String known, String other, String named) {
    assertThatThrownBy(() -> plan(PLANS.replace(known, other)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.pth")
        .hasMessageContaining(named);
  }
}
