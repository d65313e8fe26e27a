package org.palimpsest.core.activation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;

/**
 * Chooses layers by name or glob.
 *
 * <p>A path's elements are separated by {@code .} or {@code /}. {@code *} stands for anything
 * within one element, {@code **} for anything at all, {@code ?} for one character within an
 * element; everything else stands for itself. So {@code enc*} chooses {@code enc1} but not {@code
 * enc1.conv}, which {@code enc**} chooses too. A glob that chooses nothing is an error rather than
 * an empty comparison. Immutable.
 *
 * <pre>{@code
 * LayerSelector encoder = LayerSelector.of("enc*", "bottleneck");
 * List<String> chosen = encoder.select(List.of("enc1", "enc1.conv", "enc2", "bottleneck", "dec1"));
 * // enc1, enc2, bottleneck
 * }</pre>
 *
 * <p>A selection costs one regular expression for each layer and glob. Globs have no ranges and no
 * alternatives, so that brackets and braces in names, as in {@code lstm[0]}, stand for themselves.
 */
public final class LayerSelector {

  private final List<String> globs;
  private final List<Pattern> patterns;

  private LayerSelector(List<String> globs) {
    this.globs = List.copyOf(globs);
    this.patterns = globs.stream().map(LayerSelector::compile).toList();
  }

  /** Chooses every layer. */
  public static LayerSelector all() {
    return new LayerSelector(List.of());
  }

  /**
   * Chooses the layers that match any of the globs; with no glob, every layer.
   *
   * @param globs in any order, which does not decide that of the layers
   */
  public static LayerSelector of(String... globs) {
    return new LayerSelector(Arrays.asList(globs));
  }

  /** Chooses the layers that match any of the globs; with no glob, every layer. */
  public static LayerSelector of(Collection<String> globs) {
    return new LayerSelector(List.copyOf(globs));
  }

  /** What it was made of; none chooses every layer. */
  public List<String> globs() {
    return globs;
  }

  /**
   * Whether a layer of this path is selected. No layer of that path need exist.
   *
   * @param layer the whole path, which must match from its beginning to its end; case matters
   */
  public boolean selects(String layer) {
    return patterns.isEmpty() || patterns.stream().anyMatch(p -> p.matcher(layer).matches());
  }

  /** Whether the layer is asked for by its very name, not by a glob with wildcards. */
  public boolean isNamed(String layer) {
    return globs.contains(layer);
  }

  /**
   * The chosen ones, in the order given.
   *
   * @param layers the paths of all layers, as a network or a set of activations lists them
   * @throws PalimpsestException if a glob chooses none, listing the nearest names; where {@code **}
   *     in the place of {@code *} would have chosen some, it says so
   */
  public List<String> select(List<String> layers) {
    requireEachGlobMatches(layers);
    return layers.stream().filter(this::selects).toList();
  }

  /**
   * Checks that no glob is in vain.
   *
   * @throws PalimpsestException if a glob chooses none of these layers, listing the nearest names
   */
  public void requireEachGlobMatches(List<String> layers) {
    for (int i = 0; i < patterns.size(); i++) {
      Pattern pattern = patterns.get(i);
      if (layers.stream().noneMatch(layer -> pattern.matcher(layer).matches())) {
        throw inVain(globs.get(i), layers);
      }
    }
  }

  /** What is meant may lie deeper than the glob reaches. */
  private static PalimpsestException inVain(String glob, List<String> layers) {
    String deeper = glob.replaceAll("\\*+", "**");
    Pattern pattern = compile(deeper);
    List<String> reached = layers.stream().filter(l -> pattern.matcher(l).matches()).toList();
    return deeper.equals(glob) || reached.isEmpty()
        ? unknown(glob, layers)
        : new PalimpsestException(
            "No layer matches '%s', since * ends at a dot or slash. '%s' matches %s of the %s layers, such as %s."
                .formatted(glob, deeper, reached.size(), layers.size(), reached.get(0)));
  }

  /**
   * What to throw for a layer that is not among {@code layers}, listing the five nearest names:
   * those that contain it, then those that differ from it in the fewest letters.
   *
   * @param layer what was asked for
   * @param layers what there is
   * @return for the caller to throw
   */
  public static PalimpsestException unknown(String layer, List<String> layers) {
    List<String> nearest = new ArrayList<>(Suggestions.nearest(layer, layers));
    return new PalimpsestException(
        "No layer matches '%s'. Nearest of the %s layers: %s."
            .formatted(layer, layers.size(), String.join(", ", nearest)));
  }

  private static Pattern compile(String glob) {
    StringBuilder regex = new StringBuilder();
    int i = 0;
    while (i < glob.length()) {
      if (glob.startsWith("**", i)) {
        regex.append(".*");
        i += 2;
      } else {
        int character = glob.codePointAt(i);
        regex.append(translate(character));
        i += Character.charCount(character);
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static String translate(int character) {
    return switch (character) {
      case '*' -> "[^./]*";
      case '?' -> "[^./]";
      default -> Pattern.quote(Character.toString(character));
    };
  }

  @Override
  public String toString() {
    return globs.isEmpty() ? "**" : String.join(" ", globs);
  }

  /**
   * Finds, among all layers of a network, those that give its blocks their results: what a drawing
   * of the network would show as boxes.
   *
   * <p>Tools that everybody uses name their blocks in ways that are known:
   *
   * <ul>
   *   <li>nnU-Net: {@code encoder.stages.N} and {@code decoder.stages.N}; of its first version
   *       {@code conv_blocks_context.N} and {@code conv_blocks_localization.N};
   *   <li>ResNets: {@code layerN}, under whatever module; with them the blocks of a decoder ({@code
   *       decoder.blocks.N}, or what else it is made of) and the other modules of several layers
   *       right below the root, such as {@code classifier};
   *   <li>networks that hold themselves, as MONAI's UNet does ({@code model.1.submodule.0}): what
   *       each level does before and after the level below, and the lowest one.
   * </ul>
   *
   * <p>Of all others the blocks are the modules right below the root, or below the module that
   * holds them all; lists of modules, which are no layers themselves, are looked through. Where a
   * network has {@linkplain #areMany many} layers, these are the modules of the first depth that
   * has five or more. Each counts at its first call, and not if it only pools or bends what a block
   * gave. Where layers are operations, as in an ONNX file ({@code /enc/conv/Conv}), a module is the
   * last of its operations.
   */
  public static final class BlockLayers {

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
      Pattern levels =
          Pattern.compile(Pattern.quote(root.get()) + "(\\.1\\.submodule)*(\\.[012])?");
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
          blocks.addAll(
              module.matches("(.*\\.)?decoder") ? parts(module, layers) : List.of(module));
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
}
