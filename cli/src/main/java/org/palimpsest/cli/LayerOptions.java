package org.palimpsest.cli;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.activation.LayerSelector;
import picocli.CommandLine.Option;

/** Which layers are wanted. */
final class LayerOptions {

  @Option(
      names = "--layers",
      paramLabel = "GLOB,…",
      hideParamSyntax = true,
      split = ",",
      description =
          "Only the layers of this path, where * stands for anything within one element of a path"
              + " and ** for anything at all: 'enc*', 'encoder.**'. Several with commas (enc1,enc2)"
              + " or by giving the option again. Of a lone .npy, which is one layer, nothing is"
              + " left out. (default: all layers)")
  private final List<String> globs = new ArrayList<>();

  LayerSelector selector() {
    return LayerSelector.of(globs);
  }

  boolean areGiven() {
    return !globs.isEmpty();
  }
}
