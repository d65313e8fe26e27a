package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.graph.Value;

/**
 * The code of a graph: a root module whose {@code forward} is the list of calls, and for each tap a
 * module whose {@code forward} gives back what it is given.
 *
 * <p>Names in the code are numbers; what layers are called stays with the graph, so that no name
 * can break the code.
 */
final class GraphCode {

  static final String NETWORK = "Network";
  static final String TAP = "Tap";
  static final String SHAPES = "Shapes";

  /** The attribute of the root that checks shapes. */
  static final String CHECKER = "shapes";

  private static final String TAP_CLASS =
      """
      class Tap(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def forward(self: __torch__.Tap,
          value: Tensor) -> Tensor:
          return value
      """;

  private static final String SHAPES_CLASS =
      """
      class Shapes(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def hold(self: __torch__.Shapes,
          value: Tensor,
          what: str,
          expected: List[int]) -> NoneType:
          sizes = torch.size(value)
          same = torch.eq(torch.len(sizes), torch.len(expected))
          wrong = torch.__not__(same)
          if same:
            for i in range(torch.len(sizes)):
              if torch.ne(expected[i], -1):
                if torch.ne(expected[i], sizes[i]):
                  wrong = True
          if wrong:
            ops.prim.RaiseException(torch.format("{} has the shape {} and not {}, as its file says", what, sizes, expected), "builtins.RuntimeError")
          return None
      """;

  private final NetworkGraph graph;
  private final Map<Value, String> names = new HashMap<>();
  private final Map<Value, String> stored = new HashMap<>();
  private final List<String> lines = new ArrayList<>();
  private int taps;

  private GraphCode(NetworkGraph graph, Map<Value, String> attributes) {
    this.graph = graph;
    attributes.forEach((value, attribute) -> stored.put(value, "self." + attribute));
    names.putAll(stored);
  }

  /**
   * The whole code.
   *
   * @param attributes which attribute of the root holds a stored tensor
   */
  static String of(NetworkGraph graph, Map<Value, String> attributes) {
    return new GraphCode(graph, attributes).write();
  }

  /** The attribute of the root that is the tap of this number. */
  static String tap(int number) {
    return "tap" + number;
  }

  private String write() {
    names.put(graph.input().value(), "x");
    line("x = torch.to(probes, %d, False, False)", number(graph.input().type()));
    cloneWhatIsWrittenTo();
    graph.steps().forEach(this::step);
    String result = result();
    StringBuilder code = new StringBuilder(TAP_CLASS).append(SHAPES_CLASS);
    code.append("class Network(Module):\n  __parameters__ = []\n  __buffers__ = []\n");
    code.append("  training : bool\n");
    stored.values().stream()
        .distinct()
        .sorted()
        .forEach(name -> code.append("  %s : Tensor\n".formatted(name.substring(5))));
    code.append("  %s : __torch__.Shapes\n".formatted(CHECKER));
    for (int i = 0; i < taps; i++) {
      code.append("  %s : __torch__.Tap\n".formatted(tap(i)));
    }
    code.append("  def forward(self: __torch__.Network,\n    probes: Tensor) -> ")
        .append(resultType())
        .append(":\n");
    lines.forEach(line -> code.append("    ").append(line).append('\n'));
    code.append("    return ").append(result).append('\n');
    return code.toString();
  }

  private String result() {
    String all =
        graph.outputs().stream()
            .map(output -> name(output.value()))
            .collect(Collectors.joining(", "));
    return graph.outputs().size() == 1 ? all : "(" + all + ")";
  }

  private String resultType() {
    int outputs = graph.outputs().size();
    return outputs == 1 ? "Tensor" : "Tuple[" + "Tensor, ".repeat(outputs - 1) + "Tensor]";
  }

  private void line(String form, Object... parts) {
    lines.add(String.format(Locale.ROOT, form, parts));
  }

  private void step(NetworkGraph.Step step) {
    if (step instanceof NetworkGraph.Call call) {
      call(call);
    } else if (step instanceof NetworkGraph.Tap tap) {
      String value = name(tap.value());
      String tapped = "t" + taps;
      line("%s = (self.%s).forward(%s, )", tapped, tap(taps), value);
      names.put(tap.value(), tapped);
      taps++;
    } else if (step instanceof NetworkGraph.ShapeCheck check) {
      String expected =
          check.extents().stream()
              .map(extent -> extent instanceof Argument.None ? "-1" : text(extent))
              .collect(Collectors.joining(", "));
      line(
          "(self.%s).hold(%s, %s, %s, )",
          CHECKER,
          name(check.value()),
          ScriptText.quoted(check.what()),
          expected.isEmpty() ? "annotate(List[int], [])" : "[" + expected + "]");
    }
  }

  private void call(NetworkGraph.Call call) {
    String arguments =
        call.arguments().stream()
            .map(a -> a.name().map(name -> word(name) + "=").orElse("") + text(a.argument()))
            .collect(Collectors.joining(", "));
    String text = "ops.%s(%s)".formatted(callee(call.operator()), arguments);
    call.results().forEach(result -> names.put(result, result.toString()));
    String results = call.results().stream().map(Value::toString).collect(Collectors.joining(", "));
    if (call.givesList()) {
      line("list = %s", text);
      line("%s, = list", results);
    } else if (call.results().isEmpty()) {
      line("%s", text);
    } else {
      line("%s%s = %s", results, call.results().size() == 1 ? "" : ",", text);
    }
  }

  private String name(Value value) {
    String name = names.get(value);
    if (name == null) {
      throw new IllegalStateException("used before it is there: " + value);
    }
    return name;
  }

  private static String callee(String operator) {
    int colons = operator.indexOf("::");
    String namespace = colons < 0 ? "aten" : word(operator.substring(0, colons));
    return namespace + "." + baseName(operator);
  }

  static String baseName(String operator) {
    int colons = operator.indexOf("::");
    String name = colons < 0 ? operator : operator.substring(colons + 2);
    int dot = name.indexOf('.');
    return word(dot < 0 ? name : name.substring(0, dot));
  }

  /** Nothing else may get into the code. */
  private static String word(String name) {
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
      throw new PalimpsestException(
          "The network calls '%s', which is no name of an operator or argument."
              .formatted(name.replaceAll("\\p{Cntrl}", "?")));
    }
    return name;
  }

  private String text(Argument argument) {
    if (argument instanceof Value value) {
      return name(value);
    } else if (argument instanceof Argument.Int number) {
      return String.valueOf(number.value());
    } else if (argument instanceof Argument.Real number) {
      return real(number.value());
    } else if (argument instanceof Argument.Bool truth) {
      return truth.value() ? "True" : "False";
    } else if (argument instanceof Argument.Text text) {
      return ScriptText.quoted(text.value());
    } else if (argument instanceof Argument.Dtype dtype) {
      return String.valueOf(number(dtype.type()));
    } else if (argument instanceof Argument.MemoryFormat format) {
      return number(format);
    } else if (argument instanceof Argument.Items list) {
      return list(list);
    } else if (argument instanceof Argument.Cpu) {
      return "torch.device(\"cpu\")";
    }
    return argument instanceof Argument.Strided ? "0" : "None";
  }

  private String list(Argument.Items list) {
    String items = list.items().stream().map(this::text).collect(Collectors.joining(", "));
    String type =
        switch (list.element()) {
          case INT -> "int";
          case REAL -> "float";
          case BOOL -> "bool";
          case TEXT -> "str";
          case TENSOR -> "Tensor";
          case OPTIONAL_TENSOR -> "Optional[Tensor]";
        };
    return items.isEmpty() || list.element() == Argument.Element.OPTIONAL_TENSOR
        ? "annotate(List[%s], [%s])".formatted(type, items)
        : "[" + items + "]";
  }

  private static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : String.valueOf(value);
  }

  private static String number(Argument.MemoryFormat format) {
    return switch (format) {
      case CONTIGUOUS -> "0";
      case PRESERVE -> "1";
      case CHANNELS_LAST -> "2";
      case CHANNELS_LAST_3D -> "3";
    };
  }

  /** PyTorch's number for a type. */
  static int number(ElementType type) {
    return switch (type) {
      case UINT8 -> 0;
      case INT8 -> 1;
      case INT16 -> 2;
      case INT32 -> 3;
      case INT64 -> 4;
      case FLOAT16 -> 5;
      case FLOAT32 -> 6;
      case FLOAT64 -> 7;
      case BOOL -> 11;
      case BFLOAT16 -> 15;
      case UINT16 -> 27;
      case UINT32 -> 28;
      case UINT64 -> 29;
    };
  }

  /** What a run writes to must be as in the file when the next one begins. */
  private void cloneWhatIsWrittenTo() {
    Set<StoredTensor> written = WrittenTensors.of(graph);
    Map<StoredTensor, String> clones = new HashMap<>();
    for (NetworkGraph.Tensor tensor : graph.tensors()) {
      if (written.contains(tensor.stored())) {
        String original = name(tensor.value());
        String fresh =
            clones.computeIfAbsent(
                tensor.stored(),
                stored -> {
                  String clone = "fresh" + tensor.value().number();
                  line("%s = ops.aten.clone(%s)", clone, original);
                  return clone;
                });
        names.put(tensor.value(), fresh);
      }
    }
  }

  /** Which of its file's tensors a run of a graph writes to. */
  private static final class WrittenTensors {

    private static final Map<String, Integer> STATISTICS =
        Map.of("running_mean", 3, "running_var", 4);
    private static final Map<String, Integer> RANGES =
        Map.of("running_min", 3, "running_max", 4, "scale", 5, "zero_point", 6);
    private static final Map<String, Integer> EXTREMES = Map.of("values", 1, "indices", 2);

    /**
     * Operators whose names do not tell that they write to arguments, with the names and places of
     * these. They are those of PyTorch's schemas, and those whose schemas leave it out.
     */
    private static final Map<String, Map<String, Integer>> WRITERS =
        Map.ofEntries(
            Map.entry("batch_norm", STATISTICS),
            Map.entry("instance_norm", STATISTICS),
            Map.entry("native_batch_norm", STATISTICS),
            Map.entry("cudnn_batch_norm", STATISTICS),
            Map.entry("miopen_batch_norm", STATISTICS),
            Map.entry("_native_batch_norm_legit", STATISTICS),
            Map.entry("_batch_norm_with_update", STATISTICS),
            Map.entry("_batch_norm_impl_index", STATISTICS),
            Map.entry("batch_norm_gather_stats", STATISTICS),
            Map.entry("batch_norm_gather_stats_with_counts", STATISTICS),
            Map.entry("batch_norm_update_stats", Map.of("running_mean", 1, "running_var", 2)),
            Map.entry("fused_moving_avg_obs_fake_quant", RANGES),
            Map.entry("_fused_moving_avg_obs_fq_helper", RANGES),
            Map.entry("rrelu_with_noise", Map.of("noise", 1)),
            Map.entry("rrelu_with_noise_", Map.of("noise", 1)),
            Map.entry("_cummax_helper", EXTREMES),
            Map.entry("_cummin_helper", EXTREMES),
            Map.entry("set_data", Map.of("self", 0)));

    /** The arguments without which operators write nothing, with their places, by the schemas. */
    private static final Map<String, Map.Entry<String, Integer>> SWITCHES =
        Map.ofEntries(
            Map.entry("batch_norm", Map.entry("training", 5)),
            Map.entry("instance_norm", Map.entry("use_input_stats", 5)),
            Map.entry("native_batch_norm", Map.entry("training", 5)),
            Map.entry("cudnn_batch_norm", Map.entry("training", 5)),
            Map.entry("miopen_batch_norm", Map.entry("training", 5)),
            Map.entry("_native_batch_norm_legit", Map.entry("training", 5)),
            Map.entry("_batch_norm_impl_index", Map.entry("training", 5)),
            Map.entry("rrelu_with_noise", Map.entry("training", 4)),
            Map.entry("rrelu_with_noise_", Map.entry("training", 4)));

    private final Map<Value, NetworkGraph.Call> origins = new HashMap<>();
    private final Set<Value> written = new HashSet<>();

    private WrittenTensors(NetworkGraph graph) {
      for (NetworkGraph.Step step : graph.steps()) {
        if (step instanceof NetworkGraph.Call call) {
          call.results().forEach(result -> origins.put(result, call));
          writtenBy(call).forEach(this::trace);
        }
      }
    }

    /**
     * The tensors.
     *
     * @throws PalimpsestException if another tensor shows a part of one of them, and would have to
     *     change with it
     */
    static Set<StoredTensor> of(NetworkGraph graph) {
      Set<Value> written = new WrittenTensors(graph).written;
      Set<StoredTensor> found = new HashSet<>();
      for (NetworkGraph.Tensor tensor : graph.tensors()) {
        if (written.contains(tensor.value()) && found.add(tensor.stored())) {
          graph.tensors().forEach(other -> requireApart(tensor, other, graph));
        }
      }
      return found;
    }

    private static void requireApart(
        NetworkGraph.Tensor written, NetworkGraph.Tensor other, NetworkGraph graph) {
      StoredTensor stored = written.stored();
      if (!stored.equals(other.stored()) && stored.overlaps(other.stored())) {
        throw new PalimpsestException(
            "%s writes to its tensor '%s', which shares memory with '%s'; such networks are not run. Export it with tensors of their own (clone())."
                .formatted(
                    graph.provenance().origin(),
                    String.join(".", written.path()),
                    String.join(".", other.path())));
      }
    }

    private static List<Argument> writtenBy(NetworkGraph.Call call) {
      String operator = GraphCode.baseName(call.operator());
      List<Argument> written = new ArrayList<>();
      if (operator.endsWith("_") && !operator.endsWith("__") && !call.arguments().isEmpty()) {
        written.add(call.arguments().get(0).argument());
      }
      Map<String, Integer> places =
          isSwitchedOff(operator, call) ? Map.of() : WRITERS.getOrDefault(operator, Map.of());
      for (int i = 0; i < call.arguments().size(); i++) {
        NetworkGraph.NamedArgument argument = call.arguments().get(i);
        Optional<String> name = argument.name();
        boolean given = name.map(places::containsKey).orElse(places.containsValue(i));
        if (given || name.map("out"::equals).orElse(false)) {
          written.add(argument.argument());
        }
      }
      return written;
    }

    private static boolean isSwitchedOff(String operator, NetworkGraph.Call call) {
      Map.Entry<String, Integer> training = SWITCHES.get(operator);
      for (int i = 0; training != null && i < call.arguments().size(); i++) {
        NetworkGraph.NamedArgument argument = call.arguments().get(i);
        if (argument.name().map(training.getKey()::equals).orElse(i == training.getValue())) {
          return argument.argument().equals(new Argument.Bool(false));
        }
      }
      return false;
    }

    /** Follows views back to what they are views of: always the first argument of a call. */
    private void trace(Argument from) {
      Argument argument = from;
      while (argument instanceof Value value && written.add(value)) {
        NetworkGraph.Call origin = origins.get(value);
        if (origin == null || origin.arguments().isEmpty()) {
          return;
        }
        argument = origin.arguments().get(0).argument();
      }
      if (argument instanceof Argument.Items list) {
        list.items().forEach(this::trace);
      }
    }
  }
}
