package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;

/**
 * Which network of MONAI, torchvision or segmentation_models_pytorch a state dict looks like, from
 * the names and shapes of its tensors. These do not show everything: strides are proposed, and
 * activations, dropout and the like are left at their defaults.
 */
public final class ArchitectureGuess {

  private static final String MONAI = "monai.networks.nets.";
  private static final String TORCHVISION = "torchvision.models.";
  private static final String SMP = "segmentation_models_pytorch.";
  private static final int DEEPEST_PREFIX = 2;
  private static final int MOST_PREFIXES = 50;
  private static final int MOST_TENSORS = 20_000;
  private static final Map<List<Integer>, String> RESNET_DEPTHS =
      Map.of(
          List.of(2, 2, 2, 2), "18",
          List.of(3, 4, 6, 3), "34",
          List.of(3, 4, 23, 3), "101",
          List.of(3, 8, 36, 3), "152");
  private static final Map<Integer, String> VGG_DEPTHS =
      Map.of(8, "11", 10, "13", 13, "16", 16, "19");

  private final Map<String, long[]> shapes;

  private ArchitectureGuess(Map<String, long[]> shapes) {
    this.shapes = shapes;
  }

  /**
   * The description to begin with, as a file for {@code --architecture} holds it, or nothing if the
   * names are like those of no network that is known.
   */
  public static Optional<ObjectNode> of(Weights weights) {
    Map<String, long[]> all = new LinkedHashMap<>();
    weights.tensors().forEach(tensor -> all.put(tensor.name(), tensor.values().shape()));
    Set<String> prefixes = new LinkedHashSet<>(List.of(""));
    for (WeightTensor tensor : weights.tensors()) {
      int dot = -1;
      for (int depth = 0; depth < DEEPEST_PREFIX; depth++) {
        dot = tensor.name().indexOf('.', dot + 1);
        if (dot < 0) {
          break;
        }
        prefixes.add(tensor.name().substring(0, dot + 1));
      }
    }
    return prefixes.stream()
        .limit(all.size() > MOST_TENSORS ? 0 : MOST_PREFIXES)
        .map(prefix -> new ArchitectureGuess(below(prefix, all)).guess())
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Map<String, long[]> below(String prefix, Map<String, long[]> all) {
    Map<String, long[]> some = new LinkedHashMap<>();
    all.forEach(
        (name, shape) -> {
          if (name.startsWith(prefix)) {
            some.put(name.substring(prefix.length()), shape);
          }
        });
    return some;
  }

  private Optional<ObjectNode> guess() {
    if (kernel("model.0.conv.unit0.conv").or(() -> kernel("model.0.conv")).isPresent()
        && any("model.1.submodule.")) {
      return Optional.of(unet());
    } else if (kernel("conv_0.conv_0.conv").isPresent() && kernel("final_conv").isPresent()) {
      return Optional.of(basicUnet());
    } else if (kernel("input_block.conv1.conv").isPresent() && any("upsamples.")) {
      return Optional.of(dynUnet());
    } else if (kernel("convInit.conv").isPresent() && any("down_layers.")) {
      return Optional.of(segResNet());
    } else if (kernel("model.0.conv.0.conv").isPresent() && any("model.1.attention.")) {
      return Optional.of(attentionUnet());
    } else if (any("segmentation_head.") && any("encoder.") && any("decoder.")) {
      return Optional.of(smp());
    } else if (any("backbone.layer1.") && kernel("classifier.4").isPresent()) {
      return Optional.of(segmentation());
    } else if (any("layer1.0.conv1.") && shapes.containsKey("fc.weight")) {
      return resnet("").map(name -> classes(name, "fc.weight"));
    } else if (any("features.0.") && shapes.containsKey("classifier.6.weight")) {
      return vgg();
    }
    return Optional.empty();
  }

  private Optional<long[]> kernel(String layer) {
    return Optional.ofNullable(shapes.get(layer + ".weight")).filter(shape -> shape.length > 2);
  }

  private boolean any(String prefix) {
    return shapes.keySet().stream().anyMatch(name -> name.startsWith(prefix));
  }

  private long out(String layer, int axis) {
    return kernel(layer).map(shape -> shape[axis]).orElse(0L);
  }

  /** How many modules follow each other under numbers. */
  private int count(String prefix, String rest) {
    int count = 0;
    while (any(prefix + count + rest)) {
      count++;
    }
    return count;
  }

  private ObjectNode monai(String name, String first, long outputs) {
    long[] kernel = kernel(first).orElseThrow();
    return JsonNodeFactory.instance
        .objectNode()
        .put("_target_", MONAI + name)
        .put("spatial_dims", kernel.length - 2)
        .put("in_channels", kernel[1])
        .put("out_channels", outputs);
  }

  private static void list(ObjectNode node, String name, List<Long> values) {
    values.forEach(node.withArray(name)::add);
  }

  private static List<Long> twos(int count) {
    return Collections.nCopies(Math.max(0, count), 2L);
  }

  private ObjectNode unet() {
    boolean residual = kernel("model.0.conv.unit0.conv").isPresent();
    String inner = residual ? "conv.unit0.conv" : "conv";
    List<Long> channels = new ArrayList<>();
    String place = "model.";
    while (kernel(place + "0." + inner).isPresent()) {
      channels.add(out(place + "0." + inner, 0));
      place += "1.submodule.";
    }
    channels.add(out(place + inner, 0));
    long outputs =
        residual && any("model.2.1.")
            ? out("model.2.1.conv.unit0.conv", 0)
            : out("model.2.conv", 1);
    ObjectNode node = monai("UNet", "model.0." + inner, outputs);
    list(node, "channels", channels);
    list(node, "strides", twos(channels.size() - 1));
    if (residual) {
      node.put("num_res_units", count("model.0.conv.unit", "."));
    }
    unusualKernel(node, "kernel_size", "model.0." + inner);
    unusualKernel(node, "up_kernel_size", residual ? "model.2.0.conv" : "model.2.conv");
    normalisation(node, "norm");
    return node;
  }

  /** Kernels of another size than MONAI's default, 3. */
  private void unusualKernel(ObjectNode node, String argument, String layer) {
    long[] extents =
        kernel(layer).map(shape -> Arrays.copyOfRange(shape, 2, shape.length)).orElse(new long[0]);
    if (Arrays.stream(extents).anyMatch(extent -> extent != 3)) {
      kernelSize(node.withArray(argument), layer);
    }
  }

  /** Batch normalisation is told by its statistics; instance normalisation is the default. */
  private void normalisation(ObjectNode node, String argument) {
    if (shapes.keySet().stream().anyMatch(name -> name.endsWith(".running_mean"))) {
      node.put(argument, "batch");
    }
  }

  private ObjectNode basicUnet() {
    List<Long> features = new ArrayList<>(List.of(out("conv_0.conv_0.conv", 0)));
    for (int i = 1; any("down_" + i + "."); i++) {
      features.add(out("down_" + i + ".convs.conv_0.conv", 0));
    }
    features.add(out("upcat_1.convs.conv_0.conv", 0));
    ObjectNode node = monai("BasicUNet", "conv_0.conv_0.conv", out("final_conv", 0));
    list(node, "features", features);
    normalisation(node, "norm");
    node.put("upsample", upsampling("upcat_2.upsample."));
    return node;
  }

  /** MONAI's name of the mode is that of the module with weights, if there is one. */
  private String upsampling(String module) {
    return Stream.of("deconv", "deconvgroup", "pixelshuffle")
        .filter(mode -> any(module + mode + "."))
        .findFirst()
        .orElse("nontrainable");
  }

  private ObjectNode dynUnet() {
    List<String> blocks = new ArrayList<>(List.of("input_block"));
    int between = count("downsamples.", ".");
    for (int i = 0; i < between; i++) {
      blocks.add("downsamples." + i);
    }
    blocks.add("bottleneck");
    ObjectNode node = monai("DynUNet", "input_block.conv1.conv", out("output_block.conv.conv", 0));
    for (String block : blocks) {
      kernelSize(node.withArray("kernel_size").addArray(), block + ".conv1.conv");
    }
    node.withArray("strides").add(1);
    for (int i = between; i >= 0; i--) {
      kernelSize(node.withArray("strides").addArray(), "upsamples." + i + ".transp_conv.conv");
    }
    for (int i = 0; i <= between; i++) {
      String up = "upsamples." + i + ".transp_conv.conv";
      kernelSize(node.withArray("upsample_kernel_size").addArray(), up);
    }
    list(node, "filters", blocks.stream().map(block -> out(block + ".conv1.conv", 0)).toList());
    if (any("input_block.conv3.") || any("downsamples.0.conv3.")) {
      node.put("res_block", true);
    }
    int heads = count("deep_supervision_heads.", ".");
    if (heads > 0) {
      node.put("deep_supervision", true).put("deep_supr_num", heads);
    }
    normalisation(node, "norm_name");
    return node;
  }

  private void kernelSize(ArrayNode sizes, String layer) {
    kernel(layer).ifPresent(shape -> Arrays.stream(shape, 2, shape.length).forEach(sizes::add));
  }

  private ObjectNode segResNet() {
    ObjectNode node = monai("SegResNet", "convInit.conv", out("conv_final.2.conv", 0));
    node.put("init_filters", out("convInit.conv", 0));
    for (int i = 0; any("down_layers." + i + "."); i++) {
      int from = i == 0 && any("down_layers.0.0.") ? 0 : 1;
      int blocks = 0;
      while (any("down_layers." + i + "." + (from + blocks) + ".conv1")) {
        blocks++;
      }
      node.withArray("blocks_down").add(blocks);
    }
    for (int i = 0; any("up_layers." + i + "."); i++) {
      node.withArray("blocks_up").add(count("up_layers." + i + ".", "."));
    }
    node.put("upsample_mode", upsampling("up_samples.0.1."));
    return node;
  }

  private ObjectNode attentionUnet() {
    List<Long> channels = new ArrayList<>(List.of(out("model.0.conv.0.conv", 0)));
    String place = "model.1.submodule.";
    while (any(place + "0.")) {
      channels.add(out(place + "0.conv.0.conv", 0));
      place += "1.submodule.";
    }
    channels.add(out(place + "conv.0.conv", 0));
    ObjectNode node = monai("AttentionUnet", "model.0.conv.0.conv", out("model.2.conv", 0));
    list(node, "channels", channels);
    list(node, "strides", twos(channels.size() - 1));
    unusualKernel(node, "kernel_size", "model.0.conv.0.conv");
    unusualKernel(node, "up_kernel_size", "model.1.upconv.up.conv");
    return node;
  }

  private ObjectNode classes(String name, String last) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("_target_", TORCHVISION + name)
        .put("num_classes", shapes.getOrDefault(last, new long[1])[0]);
  }

  /** A network of four groups of residual blocks, by their numbers and widths. */
  private Optional<String> resnet(String prefix) {
    List<Integer> depths =
        List.of(
            count(prefix + "layer1.", "."),
            count(prefix + "layer2.", "."),
            count(prefix + "layer3.", "."),
            count(prefix + "layer4.", "."));
    Optional<String> depth = Optional.ofNullable(RESNET_DEPTHS.get(depths));
    if (!any(prefix + "layer1.0.conv3.")) {
      return depth.filter(d -> d.length() == 2).map(d -> "resnet" + d);
    }
    String layers = depth.map(d -> d.equals("34") ? "50" : d).orElse("");
    long width = out(prefix + "layer1.0.conv2", 0);
    long group = out(prefix + "layer1.0.conv2", 1);
    if (layers.isEmpty() || layers.equals("18")) {
      return Optional.empty();
    } else if (group != width) {
      return Optional.of("resnext%s_%sx%sd".formatted(layers, width / Math.max(1, group), group));
    }
    return Optional.of(width == 64 ? "resnet" + layers : "wide_resnet" + layers + "_2");
  }

  private ObjectNode segmentation() {
    String head = any("classifier.0.convs.") ? "deeplabv3_" : "fcn_";
    String backbone = resnet("backbone.").orElse("resnet50");
    ObjectNode node = classes("segmentation." + head + backbone, "classifier.4.weight");
    return any("aux_classifier.") ? node.put("aux_loss", true) : node;
  }

  private Optional<ObjectNode> vgg() {
    long layers =
        shapes.entrySet().stream()
            .filter(one -> one.getKey().startsWith("features.") && one.getValue().length == 4)
            .count();
    String norm = any("features.1.") ? "_bn" : "";
    return Optional.ofNullable(VGG_DEPTHS.get((int) layers))
        .map(depth -> classes("vgg" + depth + norm, "classifier.6.weight"));
  }

  private ObjectNode smp() {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("_target_", SMP + decoder())
            .put("encoder_name", resnet("encoder.").orElse("resnet34"))
            .putNull("encoder_weights");
    kernel("encoder.conv1").ifPresent(shape -> node.put("in_channels", shape[1]));
    return node.put("classes", out("segmentation_head.0", 0));
  }

  private String decoder() {
    if (any("decoder.blocks.x_0_0.")) {
      return "UnetPlusPlus";
    } else if (any("decoder.center.top_conv.")) {
      return "MAnet";
    } else if (any("decoder.p5.") || any("decoder.seg_blocks.")) {
      return "FPN";
    } else if (any("decoder.psp.")) {
      return "PSPNet";
    } else if (any("decoder.aspp.0.")) {
      return "DeepLabV3Plus";
    } else if (any("decoder.aspp.") || any("decoder.0.convs.")) {
      return "DeepLabV3";
    }
    return any("decoder.blocks.0.block.") ? "Linknet" : "Unet";
  }
}
