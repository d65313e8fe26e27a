package org.palimpsest.core.activation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * are no such. Where layers are operations, as in an ONNX file ({@code /enc/conv/Conv}), a module
   * is the last of its operations.
   *
   * @param layers all layers of a network, in the order in which they run
   */
  public static List<String> among(List<String> layers) {
    return IntStream.rangeClosed(1, DEEPEST)
        .mapToObj(depth -> blocks(layers, depth))
        .filter(blocks -> blocks.size() >= FEWEST)
        .findFirst()
        .orElse(layers);
  }

  private static List<String> blocks(List<String> layers, int depth) {
    boolean areOperations = layers.stream().allMatch(layer -> layer.startsWith("/"));
    return areOperations
        ? lastOperations(layers, depth)
        : layers.stream().filter(layer -> isBlock(layer, depth)).toList();
  }

  private static boolean isBlock(String layer, int depth) {
    String[] elements = layer.split(SEPARATOR, -1);
    return elements.length == depth && !NO_BLOCK.matcher(elements[depth - 1]).matches();
  }

  /** Paths begin with a slash and end with the operation, between which lie the modules. */
  private static List<String> lastOperations(List<String> layers, int depth) {
    Map<String, String> lastByModule = new LinkedHashMap<>();
    for (String layer : layers) {
      String[] elements = layer.substring(1).split("/", -1);
      if (elements.length > depth && !NO_BLOCK.matcher(elements[depth - 1]).matches()) {
        String module = String.join("/", Arrays.asList(elements).subList(0, depth));
        lastByModule.put(module, layer);
      }
    }
    return List.copyOf(lastByModule.values());
  }
}
