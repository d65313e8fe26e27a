package org.palimpsest.io.internal.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.io.internal.capture.RunNames;

/**
 * Names values after the modules whose results they are.
 *
 * <p>PyTorch's exporter notes with each operation the modules that it was made for. The operations
 * of one call of a module stand together. A value is the module's result if it is the only one of
 * them that is used elsewhere; where several are, or where calls of a module differ, the module's
 * result cannot be told, and no value gets its name.
 */
public final class ModuleNames {

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
              if (calls.stream().map(names::operations).distinct().count() == 1) {
                RunNames runs = new RunNames();
                calls.forEach(call -> names.addResult(runs.next(module), call, results));
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

  private void addResult(String path, Call call, Map<String, List<String>> results) {
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
    if (leaving.size() == 1) {
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
