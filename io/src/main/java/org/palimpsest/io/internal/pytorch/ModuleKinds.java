package org.palimpsest.io.internal.pytorch;

import java.util.regex.Pattern;
import org.palimpsest.core.weights.LayerKind;

/** What kind of layer a class of PyTorch's own is. */
final class ModuleKinds {

  private static final Pattern TRANSPOSED = Pattern.compile("(Lazy)?ConvTranspose[123]d");
  private static final Pattern CONVOLUTION = Pattern.compile("(Lazy)?Conv[123]d");
  private static final Pattern LINEAR =
      Pattern.compile("(Lazy)?Linear|NonDynamicallyQuantizableLinear");
  private static final Pattern NORMALISATION =
      Pattern.compile("(Lazy)?(Sync)?(Batch|Instance|Group|Layer|RMS)Norm([123]d)?");

  private ModuleKinds() {}

  /**
   * The kind of a class.
   *
   * @param path such as {@code torch.nn.modules.conv.Conv2d}, in TorchScript with {@code
   *     __torch__.} before it and perhaps {@code ___torch_mangle_3.} within
   */
  static LayerKind of(String path) {
    if (!path.contains("torch.nn.modules.")) {
      return LayerKind.UNKNOWN;
    }
    String name = path.substring(path.lastIndexOf('.') + 1);
    if (TRANSPOSED.matcher(name).matches()) {
      return LayerKind.TRANSPOSED_CONVOLUTION;
    }
    if (CONVOLUTION.matcher(name).matches()) {
      return LayerKind.CONVOLUTION;
    }
    if (LINEAR.matcher(name).matches()) {
      return LayerKind.LINEAR;
    }
    return NORMALISATION.matcher(name).matches() ? LayerKind.NORMALISATION : LayerKind.OTHER;
  }
}
