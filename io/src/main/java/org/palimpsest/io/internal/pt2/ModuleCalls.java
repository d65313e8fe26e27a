package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which calls of modules the nodes of a program belong to, as their {@code nn_module_stack} tells.
 *
 * <p>Since PyTorch 2.6 the key of an entry tells a second call of a module from the first. Before,
 * both have the same entry, and a new call begins where the node before was not in it.
 */
final class ModuleCalls {

  /** The first, second … call of a module. */
  record Call(String path, int number) {

    /** What its layer is called. */
    String name() {
      return number == 1 ? path : path + "#" + number;
    }
  }

  private final boolean keysTellCalls;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<ModuleStacks.Entry, Call> current = new HashMap<>();
  private final Map<Call, List<Integer>> nodes = new LinkedHashMap<>();
  private List<ModuleStacks.Entry> before = List.of();

  ModuleCalls(boolean keysTellCalls) {
    this.keysTellCalls = keysTellCalls;
  }

  /**
   * Takes the next node whose result is a tensor.
   *
   * @param node its number
   * @param entries its stack; nothing where it has none
   */
  void add(int node, List<ModuleStacks.Entry> entries) {
    if (entries.isEmpty()) {
      return;
    }
    boolean same = true;
    for (int depth = 0; depth < entries.size(); depth++) {
      ModuleStacks.Entry entry = entries.get(depth);
      same = same && depth < before.size() && before.get(depth).equals(entry);
      Call call = current.get(entry);
      if (call == null || !keysTellCalls && !same) {
        call = new Call(entry.path(), numbers.merge(entry.path(), 1, Integer::sum));
        current.put(entry, call);
      }
      nodes.computeIfAbsent(call, c -> new ArrayList<>()).add(node);
    }
    before = entries;
  }

  /** The nodes of each call, calls in the order in which they begin. */
  Map<Call, List<Integer>> nodes() {
    return nodes;
  }
}
