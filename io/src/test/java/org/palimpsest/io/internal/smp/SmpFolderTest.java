package org.palimpsest.io.internal.smp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.Inputs;

/** Folders of segmentation_models_pytorch whose settings or weights cannot be taken. */
class SmpFolderTest {

  @TempDir private Path folder;

  private void lay(String model, String settings, String tensor) throws IOException {
    String more = settings == null || settings.isEmpty() ? "" : ", " + settings;
    String config =
        "{'_model_class': '%s', 'encoder_name': 'resnet18', 'encoder_weights': null%s}"
            .formatted(model, more);
    Files.writeString(folder.resolve("config.json"), config.replace('\'', '"'));
    byte[] header =
        "{\"%s\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"
            .formatted(tensor)
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).putFloat(1);
    Files.write(folder.resolve("model.safetensors"), bytes.array());
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> Inputs.network(folder).close())
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Unet | 'activation': 'relu' | identity, sigmoid, softmax, softmax2d, logsoftmax, tanh or clamp",
        "Unet | 'classes': 'many' | 'classes' is \"many\"",
        "Unet | 'encoder_depth': 1 | as many channels as encoder_depth, 1,",
        "Unet | 'encoder_depth': 6 | 'encoder_depth' is 6",
        "Unet | 'decoder_channels': [64, 32] | 'decoder_channels'",
        "Unet | 'decoder_use_batchnorm': 'groupnorm' | 'decoder_use_batchnorm'",
        "Unet | 'decoder_attention_type': 'cbam' | 'decoder_attention_type' is \"cbam\"",
        "Unet | 'decoder_interpolation': 'area' | nearest, nearest-exact, bilinear or bicubic",
        "Unet | 'aux_params': {'pooling': 'avg'} | 'classes'",
        "Unet | 'aux_params': {'classes': 2, 'pooling': 'sum'} | 'pooling' is \"sum\" where avg or max",
        "Unet | 'aux_params': {'classes': 2, 'activation': 'gelu'} | 'activation' is \"gelu\"",
        "Unet | 'aux_params': {'classes': 2, 'droput': 0.5} | 'droput'",
        "Unet | 'in_chanels': 1 | 'in_chanels'",
        "UnetPlusPlus | 'decoder_channels': [1, 2, 3] | 'decoder_channels'",
        "FPN | 'encoder_depth': 2 | 'encoder_depth' is 2 where 3 to 5",
        "FPN | 'decoder_segmentation_channels': 100 | a multiple of 32",
        "FPN | 'decoder_segmentation_channels': 0 | a multiple of 32",
        "FPN | 'decoder_merge_policy': 'mean' | add or cat",
        "PSPNet | 'psp_use_batchnorm': 3 | 'psp_use_batchnorm'",
        "DeepLabV3Plus | 'encoder_output_stride': 4 | 'encoder_output_stride' is 4",
        "UnetPlusPlus | 'encoder_depth': 1 | 'encoder_depth' is 1 where 2 to 5",
        "Unet | 'encoder_name': 'resnet19' | resnet19",
      })
  void settingsThatTheLibraryOrThisReaderDoesNotKnowAreNamed(
      String model, String settings, String part) throws IOException {
    lay(model, settings, "x");
    String twice = Files.readString(folder.resolve("config.json"));
    if (settings.contains("'encoder_name'")) { // which is said but once
      Files.writeString(
          folder.resolve("config.json"),
          twice.replaceFirst("\"encoder_name\": \"resnet18\", ", ""));
    }
    assertRefused(model, "config.json", part);
  }

  @Test
  void classesThatAreNotKnownAreNamedWithThoseThatAre() throws IOException {
    lay("Segformer", "", "x");
    assertRefused("config.json", "'Segformer'", "torch.export.save");
    lay("unet", "", "x");
    assertRefused("config.json", "'unet'", "Unet");
  }

  @Test
  void weightsThatAreMissingOrOfAnotherNetworkAreRefused() throws IOException {
    lay("Unet", "", "x");
    assertRefused("model.safetensors", "encoder");
    Files.delete(folder.resolve("model.safetensors"));
    assertRefused("holds no model.safetensors, the weights");
  }
}
