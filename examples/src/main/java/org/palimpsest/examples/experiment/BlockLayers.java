package org.palimpsest.examples.experiment;

import java.util.List;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/** Finds the layers that give a network's blocks their results. */
final class BlockLayers {

  private static final Pattern NO_BLOCK =
      Pattern.compile(
          "(max|avg)?_?pool.*|relu.*|act.*|drop.*|sigmoid.*|softmax.*|flatten.*|output|.*[./#].*",
          Pattern.CASE_INSENSITIVE);

  private BlockLayers() {}

  /**
   * The modules right below the network's root, each at its first call, without those that only
   * pool or bend what a block gave.
   *
   * @param layers all layers of a network, in the order in which they run
   */
  static List<String> among(List<String> layers) {
    List<String> blocks =
        layers.stream().filter(layer -> !NO_BLOCK.matcher(layer).matches()).toList();
    if (blocks.isEmpty()) {
      throw new PalimpsestException(
          "The network has no blocks right below its root; choose some of its %d layers with --layers: %s, …."
              .formatted(
                  layers.size(), String.join(", ", layers.subList(0, Math.min(5, layers.size())))));
    }
    return blocks;
  }
}
