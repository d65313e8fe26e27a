package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.monai.MonaiNetworks;
import org.palimpsest.io.internal.nn.Arguments;
import org.palimpsest.io.internal.nn.Blueprint;
import org.palimpsest.io.internal.own.OwnNetwork;
import org.palimpsest.io.internal.smp.SmpNetworks;
import org.palimpsest.io.internal.torchvision.TorchvisionNetworks;

/**
 * Networks by a description in MONAI's form: an object whose {@code _target_} is the name of a
 * class, with or without its package, and whose other entries are the arguments of its constructor.
 */
public final class Architectures {

  static final String MODE = "_mode_";
  static final String ONLY_MODE = "\"default\", which makes an object of the class,";
  private static final String TARGET = "_target_";

  private Architectures() {}

  /** Whether it is such a description. */
  public static boolean isOne(JsonNode description) {
    return description.path(TARGET).isTextual() || OwnNetwork.isOne(description);
  }

  /**
   * The network that is described.
   *
   * @param source what to call the description in messages
   * @throws PalimpsestException if the class or an argument is not known, or something in it is a
   *     Python expression: none is ever evaluated
   */
  public static Blueprint read(JsonNode description, String source) {
    if (!isOne(description)) {
      throw new PalimpsestException(
          "%s names no class by '%s', such as {\"_target_\": \"UNet\", \"spatial_dims\": 2, …}, and has no 'steps' of a network of one's own."
              .formatted(source, TARGET));
    }
    if (!description.has(TARGET)) {
      return OwnNetwork.of(description, source);
    }
    refuseExpressions(description, source);
    String target = description.path(TARGET).textValue();
    String className = target.substring(target.lastIndexOf('.') + 1);
    Arguments arguments =
        Arguments.of("%s in %s".formatted(className, source), description)
            .withoutEffect(TARGET, "_desc_", "_requires_");
    if (arguments.truth("_disabled_", false)) {
      throw arguments.wrong("_disabled_", "false");
    }
    if (!arguments.text(MODE, "default").equals("default")) {
      throw arguments.wrong(MODE, ONLY_MODE);
    }
    return network(target, className, arguments)
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s names the class '%s', which is not known here. %s"
                        .formatted(source, target, hint(target, className))));
  }

  /** Bare names are MONAI's; those of the other libraries stand with their package. */
  private static String hint(String target, String className) {
    Optional<String> full =
        target.contains(".")
            ? Optional.empty()
            : TorchvisionNetworks.fullName(className).or(() -> SmpNetworks.fullName(className));
    return full.map("Did you mean '%s'?"::formatted)
        .orElseGet(
            () ->
                "Of %s. Export the network with torch.export.save and give the .pt2 file."
                    .formatted(known(target, className)));
  }

  private static String known(String target, String className) {
    if (target.startsWith("segmentation_models_pytorch.")) {
      return "segmentation_models_pytorch, " + Names.known(className, SmpNetworks.NAMES);
    }
    return target.startsWith("torchvision.")
        ? "torchvision, the ResNets, VGGs, FCNs and DeepLabV3s in torchvision.models are"
        : "MONAI, " + Names.known(className, MonaiNetworks.NAMES);
  }

  private static Optional<Blueprint> network(String target, String className, Arguments arguments) {
    if (target.startsWith("torchvision.")) {
      return TorchvisionNetworks.of(target, arguments);
    }
    if (target.startsWith("segmentation_models_pytorch.")) {
      return SmpNetworks.of(className, arguments);
    }
    boolean ofMonai = !target.contains(".") || target.startsWith("monai.");
    return ofMonai ? MonaiNetworks.of(className, arguments) : Optional.empty();
  }

  private static void refuseExpressions(JsonNode node, String source) {
    if (node.isTextual() && node.textValue().startsWith("$")) {
      throw new PalimpsestException(
          "%s has '%s', a Python expression; none is evaluated here. Write its value in its place."
              .formatted(source, node.textValue()));
    }
    node.forEach(inner -> refuseExpressions(inner, source));
  }
}
