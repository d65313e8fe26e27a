package org.palimpsest.io.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.palimpsest.io.internal.capture.RunNames;

/**
 * Names values after the modules whose results they are.
 *
 * <p>PyTorch's exporter notes with each operation the modules that it was made for. The operations
 * of one call of a module stand together. A value is the module's result if it is the only one of
 * them that is used elsewhere; where several are, or where calls of a module differ, the module's
 * result cannot be told, and no value gets its name. Nor does one that is not what PyTorch's own
 * operation gave, since the exporter has joined what followed with the next module's, or in whose
 * call the operation is not that the module is named after: it went into the next one's.
 */
public final class ModuleNames {

  private static final String OF_PYTORCH = "torch.nn.modules.";
  private static final String CONVOLUTIONS = "torch.nn.modules.conv.";
  private static final String ATEN = "aten.";
  private static final String ONE_OF_SEVERAL = "getitem";

  /** The operations from one to another, that one excluded. */
  private record Call(int from, int to) {
    boolean holds(int at) {
      return at >= from && at < to;
    }
  }

  private final List<OnnxNode> nodes;
  private final Set<String> outputs;
  private final Map<String, Set<Integer>> users = new HashMap<>();

  private ModuleNames(List<OnnxNode> nodes, Set<String> outputs) {
    this.nodes = nodes;
    this.outputs = outputs;
    for (int i = 0; i < nodes.size(); i++) {
      addUses(nodes.get(i), i);
    }
  }

  /**
   * The paths of the modules whose results the values are, innermost first; the second call of a
   * module as {@code path#2}.
   *
   * @param nodes the operations in the order in which they run
   * @param outputs the values that the network gives
   */
  static Map<String, List<String>> resultsByValue(List<OnnxNode> nodes, Set<String> outputs) {
    ModuleNames names = new ModuleNames(nodes, outputs);
    Map<String, List<String>> results = new HashMap<>();
    names
        .calls()
        .forEach(
            (module, calls) -> {
              List<Call> single =
                  calls.stream().flatMap(call -> names.single(module, call).stream()).toList();
              if (single.stream().map(names::operations).distinct().count() == 1) {
                RunNames runs = new RunNames();
                single.forEach(call -> names.addResult(runs.next(module), module, call, results));
              }
            });
    results.values().forEach(paths -> paths.sort((a, b) -> b.length() - a.length()));
    return results;
  }

  /** The path of the innermost module of an operation, empty for the network itself. */
  static String innermost(OnnxNode node) {
    return node.scopes().size() < 2 ? "" : node.scopes().get(node.scopes().size() - 2);
  }

  private void addUses(OnnxNode node, int user) {
    node.inputs().forEach(value -> users.computeIfAbsent(value, v -> new HashSet<>()).add(user));
    for (OnnxGraph body : node.bodies()) {
      body.outputs().forEach(value -> users.computeIfAbsent(value, v -> new HashSet<>()).add(user));
      body.nodes().forEach(inner -> addUses(inner, user));
    }
  }

  private static Set<String> modules(OnnxNode node) {
    int count = node.scopes().size();
    Set<String> modules =
        new HashSet<>(count < 2 ? List.of() : node.scopes().subList(0, count - 1));
    modules.remove("");
    return modules;
  }

  private Map<String, List<Call>> calls() {
    Map<String, List<Call>> calls = new LinkedHashMap<>();
    Map<String, Integer> open = new HashMap<>();
    for (int i = 0; i <= nodes.size(); i++) {
      Set<String> modules = i < nodes.size() ? modules(nodes.get(i)) : Set.of();
      for (String module : List.copyOf(open.keySet())) {
        if (!modules.contains(module)) {
          calls
              .computeIfAbsent(module, m -> new ArrayList<>())
              .add(new Call(open.getOrDefault(module, i), i));
          open.remove(module);
        }
      }
      for (String module : modules) {
        open.putIfAbsent(module, i);
      }
    }
    return calls;
  }

  private List<String> operations(Call call) {
    return nodes.subList(call.from(), call.to()).stream()
        .map(node -> innermost(node) + ":" + node.operation())
        .toList();
  }

  /** Of PyTorch's own modules it is known after which operation they are named. */
  private static boolean isNamedAfter(String module, OnnxNode node) {
    String of = node.classOf(module);
    String operation = node.atenOperation();
    return of.startsWith(OF_PYTORCH)
        && operation.startsWith(ATEN)
        && plain(operation.substring(ATEN.length()))
            .startsWith(plain(of.substring(of.lastIndexOf('.') + 1)).replaceFirst("\\dd$", ""));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("_", "");
  }

  /** Two calls with nothing between them look like one of twice as many operations. */
  private List<Call> single(String module, Call call) {
    long times =
        nodes.subList(call.from(), call.to()).stream()
            .filter(node -> isNamedAfter(module, node))
            .map(OnnxNode::ownScope)
            .distinct()
            .count();
    if (times < 2) {
      return List.of(call);
    }
    int length = (call.to() - call.from()) / (int) times;
    List<Call> parts = new ArrayList<>();
    for (int from = call.from(); from + length <= call.to(); from += length) {
      parts.add(new Call(from, from + length));
    }
    boolean even = parts.get(parts.size() - 1).to() == call.to();
    return even && parts.stream().map(this::operations).distinct().count() == 1 ? parts : List.of();
  }

  /** Whether the file leaves no doubt that a value is all that a module gave. */
  private boolean isCertain(String module, Call call, String value) {
    List<OnnxNode> own = nodes.subList(call.from(), call.to());
    OnnxNode maker =
        own.stream().filter(node -> node.outputs().contains(value)).findFirst().orElseThrow();
    String of = maker.classOf(module);
    if (of.isEmpty()) {
      return true;
    }
    boolean whole =
        outputs.contains(value)
            || value.equals(maker.ownScope())
            || value.startsWith(ONE_OF_SEVERAL);
    boolean convolution = of.startsWith(CONVOLUTIONS);
    return whole
        && (!convolution || own.stream().anyMatch(node -> isNamedAfter(module, node)))
        && (of.startsWith(OF_PYTORCH) || isTold(call.from() - 1) && isTold(call.to()));
  }

  /** What the exporter makes of several operations may belong to either module beside it. */
  private boolean isTold(int node) {
    return node < 0
        || node >= nodes.size()
        || !nodes.get(node).scopes().isEmpty()
        || nodes.get(node).operation().equals("Constant");
  }

  private void addResult(String path, String module, Call call, Map<String, List<String>> results) {
    List<String> leaving =
        nodes.subList(call.from(), call.to()).stream()
            .flatMap(node -> node.outputs().stream())
            .filter(value -> !value.isEmpty())
            .filter(
                value ->
                    outputs.contains(value)
                        || users.getOrDefault(value, Set.of()).stream()
                            .anyMatch(user -> !call.holds(user)))
            .distinct()
            .toList();
    if (leaving.size() == 1 && isCertain(module, call, leaving.get(0))) {
      results.computeIfAbsent(leaving.get(0), value -> new ArrayList<>()).add(path);
    }
  }

  /** The strings in a list as Python writes it. */
  static List<String> pythonList(String text) {
    List<String> strings = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0) {
        quote = c == '\'' || c == '"' ? c : 0;
      } else if (c == '\\' && i + 1 < text.length()) {
        i++;
        current.append(text.charAt(i));
      } else if (c == quote) {
        quote = 0;
        strings.add(current.toString());
        current.setLength(0);
      } else {
        current.append(c);
      }
    }
    return strings;
  }
}
