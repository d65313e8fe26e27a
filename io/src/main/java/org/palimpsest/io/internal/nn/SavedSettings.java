package org.palimpsest.io.internal.nn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.pytorch.PickledModule;

/**
 * Holds the settings of modules that were saved whole ({@code torch.save(model)}) against the
 * network that is built for their weights: strides, paddings, the class of an activation and others
 * that weights do not show, and which may have been changed after the network was made.
 */
final class SavedSettings {

  private static final int MOST_NAMED = 5;
  private static final String TORCH = "torch.nn.modules.";
  private static final String COMPILED = "_orig_mod.";
  private static final Pattern LATER_CALL = Pattern.compile("#\\d++$");

  private final Map<String, PickledModule> modules = new LinkedHashMap<>();
  private final NetworkGraph graph;
  private final String root;
  private final Map<Value, NetworkGraph.Call> made = new HashMap<>();
  private final Set<Value> tapped = new HashSet<>();
  private final Set<String> compared = new HashSet<>();
  private final Set<String> contradictions = new LinkedHashSet<>();

  private SavedSettings(List<PickledModule> modules, NetworkGraph graph, String wrapper) {
    modules.forEach(m -> this.modules.put(m.path().replace(COMPILED, ""), m));
    this.graph = graph;
    this.root = root(wrapper);
    for (NetworkGraph.Step step : graph.steps()) {
      if (step instanceof NetworkGraph.Call call) {
        call.results().forEach(value -> made.put(value, call));
      }
    }
  }

  /**
   * Compares.
   *
   * @param modules of the file, under its paths; none in a state dict
   * @param wrapper what the names of the network's tensors begin with
   * @return notes of what could not be compared
   * @throws PalimpsestException if settings differ, or modules run what no class does
   */
  static List<String> require(
      Path file, List<PickledModule> modules, NetworkGraph graph, String wrapper) {
    if (modules.isEmpty()) {
      return List.of();
    }
    SavedSettings settings = new SavedSettings(modules, graph, wrapper);
    settings.compare();
    if (!settings.contradictions.isEmpty()) {
      throw new PalimpsestException(
          "%s was saved whole, and its modules are not those of the network that is described: %s. Describe the network as it is; if it is as described, save its state_dict() alone."
              .formatted(file, settings.contradictions()));
    }
    return settings.notes();
  }

  private String contradictions() {
    int more = contradictions.size() - MOST_NAMED;
    String some = contradictions.stream().limit(MOST_NAMED).collect(Collectors.joining("; "));
    return more > 0 ? "%s; and %s more".formatted(some, more) : some;
  }

  private static String shortened(Set<String> all) {
    return Names.shortened(List.copyOf(all), MOST_NAMED);
  }

  /** What stands before the network's paths in the file, with its last dot. */
  private String root(String wrapper) {
    Set<String> owners = new HashSet<>();
    for (NetworkGraph.Tensor tensor : graph.tensors()) {
      owners.add(String.join(".", tensor.path().subList(0, tensor.path().size() - 1)));
    }
    String deepest = owners.stream().max(Comparator.comparingInt(String::length)).orElse("");
    return modules.keySet().stream()
        .filter(path -> ("." + path).endsWith("." + deepest))
        .map(path -> path.substring(0, path.length() - deepest.length()))
        .max(
            Comparator.<String>comparingLong(
                    before -> owners.stream().filter(o -> modules.containsKey(before + o)).count())
                .thenComparing(before -> before.endsWith(wrapper))
                .thenComparing(before -> -before.length()))
        .orElse("");
  }

  private void compare() {
    SavedSequences sequences = new SavedSequences(modules, root);
    List<String> layers =
        graph.steps().stream()
            .filter(NetworkGraph.Tap.class::isInstance)
            .map(step -> LATER_CALL.matcher(((NetworkGraph.Tap) step).layer()).replaceFirst(""))
            .toList();
    modules.forEach(
        (path, module) -> {
          if ((path + ".").startsWith(root)) {
            sequences.contradiction(module, layers).ifPresent(o -> contradict(path, module, o));
          }
          if ((path + ".").startsWith(root) || root.startsWith(path + ".") || path.isEmpty()) {
            module.additions().forEach(more -> contradict(path, module, "runs " + more));
          }
          sequences.beside(module).stream()
              .filter(other -> !Kind.of(other.type()).handsOn())
              .forEach(other -> contradict(other.path(), other, "runs beside the network"));
        });
    for (NetworkGraph.Step step : graph.steps()) {
      if (step instanceof NetworkGraph.Tap tap) {
        String path = LATER_CALL.matcher(tap.layer()).replaceFirst("");
        PickledModule module = modules.get(root + path);
        if (module != null && module.isLeaf() && module.type().startsWith(TORCH)) {
          compare(path, module, tap.value());
        }
        tapped.add(tap.value());
      }
    }
  }

  private void compare(String path, PickledModule module, Value value) {
    NetworkGraph.Call call = made.get(value);
    Kind kind = Kind.of(module.type());
    if (kind.handsOn()) {
      compared.add(module.first());
      if (call != null
          && kind.isIdentity()
          && !tapped.contains(value)
          && Rule.isOfModuleWithoutWeights(call)) {
        contradict(path, module, "does nothing; the network calls " + call.operator());
      }
      return;
    }
    Optional<Rule> rule = Rule.of(kind, module);
    if (rule.isEmpty()) {
      return;
    }
    compared.add(module.first());
    if (call == null || !call.operator().matches(rule.get().operator())) {
      String operator = call == null ? "nothing" : call.operator();
      contradict(path, module, "is of another kind: the network calls " + operator);
      return;
    }
    for (Setting setting : rule.get().settings()) {
      Object saved = setting.of(module);
      Argument described = argument(call, setting);
      if (saved != null && !agree(saved, described)) {
        contradict(
            path, module, setting.name() + " " + saved + ", described as " + inWords(described));
      }
    }
    if (kind.name().equals("Conv")) {
      new Padding(module, call, made).contradiction().ifPresent(c -> contradict(path, module, c));
    }
  }

  private void contradict(String path, PickledModule module, String what) {
    String name = path.isEmpty() ? "the network" : "'" + path + "'";
    contradictions.add("%s (%s): %s".formatted(name, plain(module), what));
  }

  private static String plain(PickledModule module) {
    return module.type().substring(module.type().lastIndexOf('.') + 1);
  }

  private static Argument argument(NetworkGraph.Call call, Setting setting) {
    int place = 0;
    for (NetworkGraph.NamedArgument argument : call.arguments()) {
      boolean isMeant =
          argument
              .name()
              .map(setting.name()::equals)
              .orElse(setting.place().equals(Optional.of(place)));
      if (isMeant) {
        return argument.argument();
      }
      place++;
    }
    return Argument.none();
  }

  /** Whether a setting is what an operator is called with; a value of the run is not known. */
  private static boolean agree(Object saved, Argument described) {
    if (described instanceof Argument.Items items) {
      List<?> all = saved instanceof List<?> list ? list : List.of();
      return saved instanceof List<?>
          ? all.size() == items.items().size()
              && Stream.iterate(0, i -> i < all.size(), i -> i + 1)
                  .allMatch(i -> agree(all.get(i), items.items().get(i)))
          : items.items().stream().allMatch(item -> agree(saved, item));
    }
    if (described instanceof Value) {
      return true;
    }
    if (saved instanceof List<?> list) {
      return list.stream().allMatch(item -> agree(item, described));
    }
    return saved instanceof Number number
        ? number(described).filter(other -> other == number.doubleValue()).isPresent()
        : inWords(described).equals(saved.toString());
  }

  private static Optional<Double> number(Argument argument) {
    return argument instanceof Argument.Int whole
        ? Optional.of((double) whole.value())
        : Optional.of(argument)
            .filter(Argument.Real.class::isInstance)
            .map(real -> ((Argument.Real) real).value());
  }

  private static String inWords(Argument argument) {
    if (argument instanceof Argument.Items items) {
      return items.items().stream().map(SavedSettings::inWords).toList().toString();
    } else if (argument instanceof Argument.Int whole) {
      return String.valueOf(whole.value());
    } else if (argument instanceof Argument.Real real) {
      return String.valueOf(real.value());
    } else if (argument instanceof Argument.Bool truth) {
      return String.valueOf(truth.value());
    }
    return argument instanceof Argument.Text text ? text.value() : "nothing";
  }

  private List<String> notes() {
    Set<String> unknown = new TreeSet<>();
    Set<String> classes = new TreeSet<>();
    modules.forEach(
        (path, module) -> {
          boolean ofNetwork = (path + ".").startsWith(root);
          if (ofNetwork && !module.type().startsWith("torch.nn.")) {
            classes.add(plain(module));
          } else if (ofNetwork
              && module.isLeaf()
              && !compared.contains(module.first())
              && !Kind.of(module.type()).handsOn()) {
            unknown.add(path.substring(root.length()));
          }
        });
    List<String> notes = new ArrayList<>();
    if (!classes.isEmpty()) {
      notes.add(
          "the file has no code: what its own classes do is the description's word: "
              + shortened(classes));
    }
    if (!unknown.isEmpty()) {
      notes.add(
          "settings of the file's modules that were not held against the description: "
              + shortened(unknown));
    }
    return notes;
  }

  /**
   * A class of {@code torch.nn}.
   *
   * @param name without the number of axes, such as {@code Conv}
   * @param axes with the letter, such as {@code 2d}, or empty
   */
  private record Kind(String name, String axes) {

    private static final Pattern CLASS = Pattern.compile("(?:.*\\.)?(\\w+?)([123]d)?");

    static Kind of(String type) {
      Matcher parts = CLASS.matcher(type);
      return parts.matches()
          ? new Kind(parts.group(1), parts.group(2) == null ? "" : parts.group(2))
          : new Kind(type, "");
    }

    /** Whether such a module, with none in it, gives what it is given in evaluation mode. */
    boolean handsOn() {
      return isIdentity() || name.endsWith("Dropout");
    }

    /** Whether it does so in training as well; dropout may follow calls that are no module's. */
    boolean isIdentity() {
      return List.of("Identity", "Sequential", "ModuleList", "ModuleDict").contains(name);
    }
  }

  /**
   * A setting, and where an operator takes it.
   *
   * @param place among the arguments by position, or empty if it has a name
   */
  private record Setting(String name, Optional<Integer> place) {

    /** What a module of the file has for it, if it has something. */
    @Nullable Object of(PickledModule module) {
      Object saved = module.settings().get(name);
      if (name.equals("dilation") && SavedSettings.agree(kernel(module), new Argument.Int(1))) {
        return null; // of a single place nothing is spread
      }
      return saved == null && name.equals("align_corners") ? (Object) false : saved;
    }

    private static Object kernel(PickledModule module) {
      return module.settings().getOrDefault("kernel_size", List.of(0L));
    }
  }

  /** What a module calls. */
  private record Rule(String operator, List<Setting> settings) {

    private static final Map<String, String> WITH_SETTINGS =
        Map.ofEntries(
            Map.entry("Conv", "conv%s stride=3 dilation=5 groups=6"),
            Map.entry(
                "ConvTranspose",
                "conv_transpose%s stride=3 padding=4 output_padding=5 groups=6 dilation=7"),
            Map.entry("Linear", "linear"),
            Map.entry("BatchNorm", "batch_norm eps=7"),
            Map.entry("SyncBatchNorm", "batch_norm eps=7"),
            Map.entry("InstanceNorm", "instance_norm eps=7"),
            Map.entry("GroupNorm", "group_norm num_groups=1 eps=4"),
            Map.entry("LayerNorm", "layer_norm normalized_shape=1 eps=4"),
            Map.entry("PReLU", "prelu"),
            Map.entry(
                "MaxPool", "max_pool%s kernel_size=1 stride=2 padding=3 dilation=4 ceil_mode=5"),
            Map.entry(
                "AvgPool",
                "avg_pool%s kernel_size=1 stride=2 padding=3 ceil_mode=4 count_include_pad=5 divisor_override=6"),
            Map.entry("AdaptiveAvgPool", "adaptive_avg_pool%s output_size=1"),
            Map.entry("AdaptiveMaxPool", "adaptive_max_pool%s output_size=1"),
            Map.entry("ReLU", "relu"),
            Map.entry("LeakyReLU", "leaky_relu negative_slope=1"),
            Map.entry("ELU", "elu alpha=1"),
            Map.entry("GELU", "gelu approximate"),
            Map.entry("ReLU6", "relu6"),
            Map.entry("SELU", "selu"),
            Map.entry("SiLU", "silu"),
            Map.entry("Mish", "mish"),
            Map.entry("Sigmoid", "sigmoid"),
            Map.entry("Tanh", "tanh"),
            Map.entry("Hardswish", "hardswish"),
            Map.entry("Hardsigmoid", "hardsigmoid"),
            Map.entry("CELU", "celu alpha=1"),
            Map.entry("Softmax", "softmax dim=1"),
            Map.entry("LogSoftmax", "log_softmax dim=1"),
            Map.entry("Softplus", "softplus beta=1 threshold=2"),
            Map.entry("PixelShuffle", "pixel_shuffle upscale_factor=1"));

    private static final Set<String> WITH_WEIGHTS =
        Set.of(
            "Conv",
            "ConvTranspose",
            "Linear",
            "BatchNorm",
            "SyncBatchNorm",
            "InstanceNorm",
            "GroupNorm",
            "LayerNorm",
            "PReLU");

    static Optional<Rule> of(Kind kind, PickledModule module) {
      if (kind.name().startsWith("Upsampl")) {
        return Optional.of(upsampling(module));
      }
      return Optional.ofNullable(WITH_SETTINGS.get(kind.name()))
          .map(words -> of(words.formatted(kind.axes())));
    }

    private static Rule of(String words) {
      List<Setting> settings = new ArrayList<>();
      String[] parts = words.split(" ", -1);
      for (int i = 1; i < parts.length; i++) {
        String[] setting = parts[i].split("=", -1);
        Optional<Integer> place =
            setting.length > 1 ? Optional.of(Integer.valueOf(setting[1])) : Optional.empty();
        settings.add(new Setting(setting[0], place));
      }
      return new Rule(parts[0], settings);
    }

    private static Rule upsampling(PickledModule module) {
      String mode = String.valueOf(module.settings().getOrDefault("mode", "nearest"));
      return mode.startsWith("nearest")
          ? of("_?upsample_%s[123]d size=1 scale_factor=2".formatted(mode.replace('-', '_')))
          : of("upsample_%s[123]d size=1 align_corners=2 scale_factor=3".formatted(mode));
    }

    /** Whether this operator is one that a module calls which has no tensors of its own. */
    static boolean isOfModuleWithoutWeights(NetworkGraph.Call call) {
      return WITH_SETTINGS.entrySet().stream()
          .filter(entry -> !WITH_WEIGHTS.contains(entry.getKey()))
          .anyMatch(
              entry ->
                  call.operator().matches(entry.getValue().split(" ", -1)[0].formatted("[123]d")));
    }
  }

  /** What surrounds the images of a convolution. */
  private record Padding(
      PickledModule module, NetworkGraph.Call call, Map<Value, NetworkGraph.Call> made) {

    private static final int OWN = 4;

    Optional<String> contradiction() {
      Object saved = module.settings().get("padding");
      String mode = String.valueOf(module.settings().getOrDefault("padding_mode", "zeros"));
      Argument own = call.arguments().get(OWN).argument();
      Optional<NetworkGraph.Call> before = before();
      if (saved == null) {
        return Optional.empty();
      }
      boolean agrees;
      if (mode.equals("zeros")) {
        agrees =
            saved.equals("same") ? before.isPresent() || isSame(own) : agree(amount(saved), own);
      } else {
        agrees =
            agree(amount(saved), new Argument.Int(0))
                || agree(0L, own) && before.filter(pad -> isSuch(pad, mode, saved)).isPresent();
      }
      return agrees
          ? Optional.empty()
          : Optional.of(
              "padding %s of %s, described as %s of %s"
                  .formatted(
                      saved,
                      mode,
                      inWords(before.map(pad -> pad.arguments().get(1).argument()).orElse(own)),
                      before
                          .map(pad -> inWords(pad.arguments().get(2).argument()))
                          .orElse("zeros")));
    }

    private static Object amount(Object saved) {
      return saved.equals("valid") ? (Object) 0L : saved;
    }

    /** Whether a description's padding of its own keeps the size, as the odd kernel allows. */
    private boolean isSame(Argument own) {
      List<Object> both = new ArrayList<>();
      if (module.settings().get("kernel_size") instanceof List<?> kernel
          && module.settings().get("dilation") instanceof List<?> dilation) {
        for (int i = 0; i < kernel.size(); i++) {
          double width = ((Number) kernel.get(i)).doubleValue() - 1;
          both.add(width * ((Number) dilation.get(i)).doubleValue() / 2);
        }
      }
      return agree(both, own);
    }

    /** The call that pads what the convolution is given. */
    private Optional<NetworkGraph.Call> before() {
      return call.arguments().get(0).argument() instanceof Value input
          ? Optional.ofNullable(made.get(input)).filter(pad -> pad.operator().equals("pad"))
          : Optional.empty();
    }

    private static boolean isSuch(NetworkGraph.Call pad, String mode, Object saved) {
      List<Object> widths = new ArrayList<>();
      if (saved instanceof List<?> list) {
        for (int axis = list.size() - 1; axis >= 0; axis--) {
          widths.add(list.get(axis));
          widths.add(list.get(axis));
        }
      }
      return agree(mode, pad.arguments().get(2).argument())
          && (saved instanceof String
              || agree(widths.isEmpty() ? saved : widths, pad.arguments().get(1).argument()));
    }
  }
}
