package org.palimpsest.core.activation;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Finds, among all layers of a network, those that give its blocks their results. */
public final class BlockLayers {

  private static final Pattern NO_BLOCK =
      Pattern.compile(
          "(max|avg)?_?pool.*|relu.*|act.*|drop.*|sigmoid.*|softmax.*|flatten.*|output|.*#.*",
          Pattern.CASE_INSENSITIVE);
  private static final String SEPARATOR = "[./]";
  private static final int FEWEST = 2;
  private static final int DEEPEST = 4;

  private BlockLayers() {}

  /**
   * The modules right below the network's root, or below the one module that holds them all, each
   * at its first call, without those that only pool or bend what a block gave; all layers if there
   * are no such.
   *
   * @param layers all layers of a network, in the order in which they run
   */
  public static List<String> among(List<String> layers) {
    return IntStream.rangeClosed(1, DEEPEST)
        .mapToObj(depth -> layers.stream().filter(layer -> isBlock(layer, depth)).toList())
        .filter(blocks -> blocks.size() >= FEWEST)
        .findFirst()
        .orElse(layers);
  }

  private static boolean isBlock(String layer, int depth) {
    String[] elements = layer.split(SEPARATOR, -1);
    return elements.length == depth && !NO_BLOCK.matcher(elements[depth - 1]).matches();
  }
}
