package org.palimpsest.core.activation;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds, among all layers of a network, those that give its blocks their results: what a drawing of
 * the network would show as boxes.
 *
 * <p>Tools that everybody uses name their blocks in ways that are known:
 *
 * <ul>
 *   <li>nnU-Net: {@code encoder.stages.N} and {@code decoder.stages.N}; of its first version {@code
 *       conv_blocks_context.N} and {@code conv_blocks_localization.N};
 *   <li>ResNets: {@code layerN}, under whatever module; with them the blocks of a decoder ({@code
 *       decoder.blocks.N}, or what else it is made of) and the other modules of several layers
 *       right below the root, such as {@code classifier};
 *   <li>networks that hold themselves, as MONAI's UNet does ({@code model.1.submodule.0}): what
 *       each level does before and after the level below, and the lowest one.
 * </ul>
 *
 * <p>Of all others the blocks are the modules right below the root, or below the module that holds
 * them all; lists of modules, which are no layers themselves, are looked through. Where a network
 * has {@linkplain #areMany many} layers, these are the modules of the first depth that has five or
 * more. Each counts at its first call, and not if it only pools or bends what a block gave. Where
 * layers are operations, as in an ONNX file ({@code /enc/conv/Conv}), a module is the last of its
 * operations.
 */
public final class BlockLayers {

  private static final Pattern NO_BLOCK =
      Pattern.compile(
          "(max|avg)?_?pool.*|relu.*|act.*|drop.*|sigmoid.*|softmax.*|flatten.*|(network_)?output|.*#.*",
          Pattern.CASE_INSENSITIVE);
  private static final Pattern NNUNET =
      Pattern.compile(
          "(.*\\.)?((encoder|decoder)\\.stages|conv_blocks_(context|localization))\\.\\d+");
  private static final Pattern RESNET = Pattern.compile("(.*\\.)?layer\\d+");
  private static final Pattern DECODER = Pattern.compile("(.*\\.)?decoder\\.blocks\\.\\w+");
  private static final String SUBMODULE = ".1.submodule";
  private static final String SEPARATOR = "[./]";
  private static final int FEWEST = 2;
  private static final int FEWEST_OF_MANY = 5;
  private static final int MANY = 60;
  private static final int DEEPEST = 8;
  private static final int MOST_TOLD = 12;

  private BlockLayers() {}

  /** Whether a network has so many layers that one looks at its blocks first: more than 60. */
  public static boolean areMany(List<String> layers) {
    return layers.size() > MANY;
  }

  /**
   * The blocks; all layers if there are none.
   *
   * @param layers all layers of a network, in the order in which they run
   */
  public static List<String> among(List<String> layers) {
    List<String> known = ofKnownTools(layers);
    if (known.size() >= FEWEST) {
      return known;
    }
    int fewest = areMany(layers) ? FEWEST_OF_MANY : FEWEST;
    return ofDepth(layers, fewest).or(() -> ofDepth(layers, FEWEST)).orElse(layers);
  }

  /** Their names in one line, the middle of a long one left out. */
  public static String summary(List<String> blocks) {
    return blocks.size() <= MOST_TOLD
        ? String.join(", ", blocks)
        : "%s, … (%s), %s"
            .formatted(
                String.join(", ", blocks.subList(0, MOST_TOLD / 2)),
                blocks.size(),
                String.join(", ", blocks.subList(blocks.size() - MOST_TOLD / 2, blocks.size())));
  }

  private static List<String> ofKnownTools(List<String> layers) {
    List<String> stages = layers.stream().filter(NNUNET.asMatchPredicate()).toList();
    if (stages.size() >= FEWEST) {
      return stages;
    }
    List<String> levels = nested(layers);
    return levels.size() >= FEWEST ? levels : ofResNet(layers);
  }

  /** Sequences of what goes down, a level within that is called submodule, and what goes up. */
  private static List<String> nested(List<String> layers) {
    Optional<String> root =
        layers.stream()
            .filter(layer -> layer.contains(SUBMODULE))
            .map(layer -> layer.substring(0, layer.indexOf(SUBMODULE)))
            .min(Comparator.comparingInt(String::length));
    if (root.isEmpty()) {
      return List.of();
    }
    Pattern levels = Pattern.compile(Pattern.quote(root.get()) + "(\\.1\\.submodule)*(\\.[012])?");
    return layers.stream()
        .filter(layer -> levels.matcher(layer).matches() && isOfLevel(layer, layers))
        .toList();
  }

  private static boolean isOfLevel(String layer, List<String> layers) {
    Predicate<String> holdsLevel =
        name -> layers.stream().anyMatch(inner -> inner.startsWith(name + SUBMODULE));
    if (layer.endsWith(".submodule")) {
      return !holdsLevel.test(layer);
    }
    boolean isInLevel = layer.matches(".*\\.[012]") && holdsLevel.test(parent(layer));
    boolean onlyHoldsTheNext =
        layer.endsWith(".1")
            && layers.stream()
                .filter(inner -> inner.startsWith(layer + "."))
                .allMatch(inner -> inner.startsWith(layer + ".submodule"));
    return isInLevel && !onlyHoldsTheNext;
  }

  private static List<String> ofResNet(List<String> layers) {
    Set<String> stages =
        layers.stream()
            .filter(layer -> RESNET.matcher(layer).matches() && holdsOthers(layer, layers))
            .collect(Collectors.toSet());
    stages.removeIf(stage -> stages.stream().anyMatch(outer -> stage.startsWith(outer + ".")));
    if (stages.size() < FEWEST) {
      return List.of();
    }
    layers.stream().filter(DECODER.asMatchPredicate()).forEach(stages::add);
    Set<String> blocks = new HashSet<>(stages);
    for (String module : ofDepth(layers, 1).orElse(List.of())) {
      boolean holdsStages =
          stages.stream().anyMatch(s -> s.equals(module) || s.startsWith(module + "."));
      if (!holdsStages && holdsOthers(module, layers)) {
        blocks.addAll(module.matches("(.*\\.)?decoder") ? parts(module, layers) : List.of(module));
      }
    }
    return layers.stream().filter(blocks::contains).toList();
  }

  /** The modules of several layers right below a module; itself if these are not several. */
  private static List<String> parts(String module, List<String> layers) {
    List<String> inner = layers.stream().filter(l -> l.startsWith(module + ".")).toList();
    List<String> parts =
        atDepth(inner, 1).stream().filter(part -> holdsOthers(part, layers)).toList();
    return parts.size() < FEWEST ? List.of(module) : parts;
  }

  private static boolean holdsOthers(String module, List<String> layers) {
    return layers.stream().anyMatch(layer -> layer.startsWith(module + "."));
  }

  private static String parent(String layer) {
    return layer.substring(0, Math.max(0, layer.lastIndexOf('.')));
  }

  /** The modules of the first depth that has so many. */
  private static Optional<List<String>> ofDepth(List<String> layers, int fewest) {
    return IntStream.rangeClosed(1, DEEPEST)
        .mapToObj(depth -> atDepth(layers, depth))
        .filter(blocks -> blocks.size() >= fewest)
        .findFirst();
  }

  private static List<String> atDepth(List<String> layers, int depth) {
    if (layers.stream().allMatch(layer -> layer.startsWith("/"))) {
      return lastOperations(layers, depth);
    }
    Set<String> all = new HashSet<>(layers);
    return layers.stream().filter(layer -> isBlock(layer, depth, all)).toList();
  }

  private static boolean isBlock(String layer, int depth, Set<String> all) {
    String[] elements = layer.split(SEPARATOR, -1);
    return !NO_BLOCK.matcher(elements[elements.length - 1]).matches()
        && holders(layer, all) == depth - 1;
  }

  /** How many of the layers hold a layer. */
  private static long holders(String layer, Set<String> all) {
    return IntStream.range(1, layer.length())
        .filter(end -> layer.charAt(end) == '.' || layer.charAt(end) == '/')
        .filter(end -> all.contains(layer.substring(0, end)))
        .count();
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
