package org.palimpsest.io.internal.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.Blueprint;

class DescribedNetworksTest {

  private static Blueprint read(String target, String arguments) throws JsonProcessingException {
    String json = "{\"_target_\": \"%s\"%s}".formatted(target, arguments.replace('\'', '"'));
    return Architectures.read(new ObjectMapper().readTree(json), "net.json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "torchvision.models.resnet18",
        "torchvision.models.resnet.resnext101_64x4d",
        "torchvision.models.wide_resnet101_2",
        "torchvision.models.vgg19_bn",
        "torchvision.models.segmentation.fcn_resnet101",
        "torchvision.models.segmentation.deeplabv3.deeplabv3_resnet50",
        "segmentation_models_pytorch.Unet",
        "segmentation_models_pytorch.UnetPlusPlus",
        "segmentation_models_pytorch.FPN",
        "segmentation_models_pytorch.Linknet",
        "segmentation_models_pytorch.PSPNet",
        "segmentation_models_pytorch.DeepLabV3",
        "segmentation_models_pytorch.DeepLabV3Plus",
        "segmentation_models_pytorch.MAnet"
      })
  void aNetworkIsKnownWithoutArguments(String target) throws JsonProcessingException {
    Blueprint network = read(target, "");
    assertThat(network.inputs()).isEqualTo(3);
    assertThat(network.axes()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "torchvision.models.resnet50 | , 'weights': 'DEFAULT', 'progress': false",
        "torchvision.models.segmentation.fcn_resnet50 | , 'weights_backbone': 'DEFAULT'",
        "segmentation_models_pytorch.Unet | , 'encoder_weights': 'imagenet'"
      })
  void namesOfTrainedWeightsAreWithoutEffect(String target, String arguments)
      throws JsonProcessingException {
    assertThat(read(target, arguments).inputs()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "torchvision.models.quantization.resnet18 | `` | torchvision.models.quantization.resnet18",
        "torchvision.models.segmentation.resnet18 | `` | torchvision.models.segmentation.resnet18",
        "torchvision.models.vgg12 | `` | torchvision.models.vgg12",
        "resnet18 | `` | 'torchvision.models.resnet18'?",
        "VGG16_bn | `` | 'torchvision.models.vgg16_bn'?",
        "fcn_resnet50 | `` | 'torchvision.models.segmentation.fcn_resnet50'?",
        "deeplabv3plus | `` | 'segmentation_models_pytorch.DeepLabV3Plus'?",
        "resnet19 | `` | torch.export.save",
        "torchvision.models.resnet18 | , 'nonsense': 1 | nonsense",
        "torchvision.models.resnet18 | , 'norm_layer': 'GroupNorm' | norm_layer",
        "torchvision.models.resnet18 | , 'groups': 2 | groups",
        "torchvision.models.resnext50_32x4d | , 'groups': 2 | groups",
        "torchvision.models.resnet18 | , 'replace_stride_with_dilation': [false, false, true] | replace_stride",
        "torchvision.models.resnet50 | , 'replace_stride_with_dilation': [true] | three truth values",
        "torchvision.models.resnet50 | , 'replace_stride_with_dilation': true | three truth values",
        "segmentation_models_pytorch.Segformer | `` | segmentation_models_pytorch.Segformer",
        "segmentation_models_pytorch.Unet | , 'encoder_name': 'tu-resnet18' | tu-resnet18",
        "segmentation_models_pytorch.Unet | , 'encoder_depth': 6 | encoder_depth",
        "segmentation_models_pytorch.Unet | , 'encoder_depth': 4 | decoder_channels",
        "segmentation_models_pytorch.Unet | , 'decoder_use_norm': 'layernorm' | layernorm",
        "segmentation_models_pytorch.Unet | , 'decoder_attention_type': 'cbam' | decoder_attention_type",
        "segmentation_models_pytorch.Unet | , 'decoder_interpolation': 'area' | decoder_interpolation",
        "segmentation_models_pytorch.Unet | , 'activation': 'argmax' | activation",
        "segmentation_models_pytorch.Unet | , 'aux_params': {'classes': 2, 'depth': 1} | depth",
        "segmentation_models_pytorch.FPN | , 'decoder_segmentation_channels': 48 | multiple of 32",
        "segmentation_models_pytorch.DeepLabV3 | , 'encoder_output_stride': 32 | encoder_output_stride"
      })
  void whatIsNotKnownIsRefusedByName(String target, String arguments, String named) {
    assertThatThrownBy(() -> read(target, arguments))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(named);
  }
}
