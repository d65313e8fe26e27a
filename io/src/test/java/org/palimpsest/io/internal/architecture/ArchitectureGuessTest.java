package org.palimpsest.io.internal.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

class ArchitectureGuessTest {

  /** Weights from lines such as {@code conv.weight 4 1 3 3}. */
  private static Optional<String> guess(String prefix, String... lines) {
    List<WeightTensor> tensors = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split(" ");
      long[] shape = Arrays.stream(words).skip(1).mapToLong(Long::parseLong).toArray();
      tensors.add(
          new WeightTensor(prefix + words[0], Nd4j.zeros(shape), "float32", LayerKind.UNKNOWN));
    }
    Provenance origin = new Provenance("weights.pth", "", List.of());
    return ArchitectureGuess.of(Weights.of(origin, "weights", tensors)).map(Object::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "net.", "student.model."})
  void theUNetOfMonaiIsKnownByItsSubmodulesWhateverStandsBeforeThem(String prefix) {
    assertThat(
            guess(
                prefix,
                "model.0.conv.unit0.conv.weight 4 3 3 3",
                "model.0.conv.unit1.conv.weight 4 4 3 3",
                "model.0.conv.unit0.adn.N.running_mean 4",
                "model.1.submodule.0.conv.unit0.conv.weight 8 4 3 3",
                "model.1.submodule.1.submodule.conv.unit0.conv.weight 16 8 3 3",
                "model.2.0.conv.weight 12 2 3 3",
                "model.2.1.conv.unit0.conv.weight 2 2 3 3"))
        .hasValue(
            "{\"_target_\":\"monai.networks.nets.UNet\",\"spatial_dims\":2,\"in_channels\":3,"
                + "\"out_channels\":2,\"channels\":[4,8,16],\"strides\":[2,2],"
                + "\"num_res_units\":2,\"norm\":\"batch\"}");
  }

  @Test
  void kernelsOfAnotherSizeThanMonaisDefaultAreTold() {
    assertThat(
            guess(
                "",
                "model.0.conv.weight 4 1 5 3",
                "model.1.submodule.conv.weight 8 4 5 3",
                "model.2.conv.weight 12 2 7 7"))
        .hasValueSatisfying(
            guess ->
                assertThat(guess).contains("\"kernel_size\":[5,3]", "\"up_kernel_size\":[7,7]"));
  }

  @Test
  void networksOfTorchvisionAreKnownByTheNumbersOfTheirBlocks() {
    List<String> lines = new ArrayList<>(List.of("conv1.weight 64 3 7 7", "fc.weight 5 512"));
    for (int group = 1; group < 5; group++) {
      for (int block = 0; block < 2; block++) {
        lines.add("layer%d.%d.conv1.weight 8 8 3 3".formatted(group, block));
      }
    }
    assertThat(guess("", lines.toArray(String[]::new)))
        .hasValue("{\"_target_\":\"torchvision.models.resnet18\",\"num_classes\":5}");
  }

  /** Four groups of bottleneck blocks. */
  private static List<String> bottlenecks(String prefix, int[] depths, int width, int group) {
    List<String> lines = new ArrayList<>(List.of(prefix + "conv1.weight 64 3 7 7"));
    for (int i = 0; i < depths.length; i++) {
      for (int block = 0; block < depths[i]; block++) {
        String place = "%slayer%d.%d.".formatted(prefix, i + 1, block);
        lines.add(place + "conv1.weight %d 8 1 1".formatted(width));
        lines.add(place + "conv2.weight %d %d 3 3".formatted(width << i, group << i));
        lines.add(place + "conv3.weight 8 %d 1 1".formatted(width));
      }
    }
    return lines;
  }

  private static String[] and(List<String> lines, String... more) {
    List<String> all = new ArrayList<>(lines);
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "50, 64, 64, resnet50",
    "50, 128, 4, resnext50_32x4d",
    "101, 256, 8, resnext101_32x8d",
    "101, 256, 4, resnext101_64x4d",
    "50, 128, 128, wide_resnet50_2",
    "101, 128, 128, wide_resnet101_2"
  })
  void bottlenecksAreToldApartByTheirWidthsAndGroups(int depth, int width, int group, String name) {
    int[] depths = {3, 4, depth == 50 ? 6 : 23, 3};
    assertThat(guess("", and(bottlenecks("", depths, width, group), "fc.weight 7 2048")))
        .hasValue("{\"_target_\":\"torchvision.models.%s\",\"num_classes\":7}".formatted(name));
  }

  @ParameterizedTest
  @CsvSource({"8, false, vgg11", "10, true, vgg13_bn", "13, false, vgg16", "16, true, vgg19_bn"})
  void vggIsKnownByTheNumberOfItsConvolutions(int convolutions, boolean norms, String name) {
    List<String> lines = new ArrayList<>(List.of("classifier.6.weight 4 4096"));
    for (int i = 0; i < convolutions; i++) {
      lines.add("features.%d.weight 8 8 3 3".formatted(norms ? 3 * i : 2 * i));
      if (norms) {
        lines.add("features.%d.running_mean 8".formatted(3 * i + 1));
      }
    }
    assertThat(guess("", lines.toArray(String[]::new)))
        .hasValue("{\"_target_\":\"torchvision.models.%s\",\"num_classes\":4}".formatted(name));
  }

  @Test
  void segmentersOfTorchvisionAreKnownByTheirHeads() {
    List<String> backbone = bottlenecks("backbone.", new int[] {3, 4, 23, 3}, 64, 64);
    String target = "{\"_target_\":\"torchvision.models.segmentation.";
    assertThat(guess("", and(backbone, "classifier.4.weight 6 512 1 1")))
        .hasValue(target + "fcn_resnet101\",\"num_classes\":6}");
    assertThat(
            guess(
                "",
                and(
                    backbone,
                    "classifier.0.convs.0.0.weight 256 2048 1 1",
                    "classifier.4.weight 6 256 1 1",
                    "aux_classifier.4.weight 6 256 1 1")))
        .hasValue(target + "deeplabv3_resnet101\",\"num_classes\":6,\"aux_loss\":true}");
  }

  /** The names of the library's own networks; extents beyond 64 are cut to that, to be quick. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Unet",
        "UnetPlusPlus",
        "FPN",
        "Linknet",
        "PSPNet",
        "DeepLabV3",
        "DeepLabV3Plus",
        "MAnet"
      })
  void networksOfSegmentationModelsAreKnownByTheirDecoders(String name) throws IOException {
    JsonNode network;
    try (InputStream golden =
        ArchitectureGuessTest.class.getResourceAsStream("/architectures/golden_networks.json")) {
      network = new ObjectMapper().readTree(golden).path(name);
    }
    int classes = network.path("architecture").path("classes").asInt(1);
    assertThat(guess("", lines(network.path("tensors"), 64)))
        .hasValue(
            "{\"_target_\":\"segmentation_models_pytorch.%s\",\"encoder_name\":\"resnet18\",\"encoder_weights\":null,\"in_channels\":3,\"classes\":%s}"
                .formatted(name, classes));
  }

  /** Numbers that the shapes of tensors show; others have their usual value in a guess. */
  private static final Set<String> SHOWN =
      Set.of(
          "spatial_dims",
          "in_channels",
          "out_channels",
          "channels",
          "features",
          "filters",
          "init_filters",
          "blocks_down",
          "blocks_up",
          "num_res_units",
          "num_classes",
          "classes");

  /** Networks that MONAI, torchvision and segmentation_models_pytorch made of descriptions. */
  @Test
  void whatTensorsShowOfADescribedNetworkIsThatOfItsDescription() throws IOException {
    JsonNode networks;
    try (InputStream packed =
            ArchitectureGuessTest.class.getResourceAsStream(
                "/architectures/described_networks.json.gz");
        InputStream plain = new GZIPInputStream(packed)) {
      networks = new ObjectMapper().readTree(plain);
    }
    for (JsonNode network : networks) {
      if (network.path("description").has("_target_")) { // others are of nnU-Net
        assertGuessed(network.path("description"), network.path("tensors"));
      }
    }
  }

  private static void assertGuessed(JsonNode described, JsonNode tensors) throws IOException {
    Optional<String> guess = guess("", lines(tensors, Integer.MAX_VALUE));
    JsonNode told = new ObjectMapper().readTree(guess.orElseThrow());
    assertThat(lastPart(told)).as(described.toString()).isEqualTo(lastPart(described));
    for (String setting : SHOWN) {
      if (told.has(setting) && described.has(setting)) {
        assertThat(told.path(setting).toString())
            .as("%s of %s", setting, described)
            .isEqualTo(described.path(setting).toString());
      }
    }
  }

  private static String[] lines(JsonNode tensors, int most) {
    List<String> lines = new ArrayList<>();
    tensors
        .properties()
        .forEach(
            tensor -> {
              StringBuilder line = new StringBuilder(tensor.getKey());
              tensor.getValue().forEach(n -> line.append(" ").append(Math.min(most, n.asInt())));
              lines.add(line.toString());
            });
    return lines.toArray(String[]::new);
  }

  private static String lastPart(JsonNode network) {
    return network.path("_target_").asText().replaceFirst(".*\\.", "").toLowerCase(Locale.ROOT);
  }

  @Test
  void nothingIsGuessedOfOtherNetworks() {
    assertThat(guess("", "enc.0.weight 4 1 3 3", "head.weight 2 4 1 1")).isEmpty();
    assertThat(guess("", "model.0.conv.weight 4 1 3 3")).isEmpty();
  }
}
