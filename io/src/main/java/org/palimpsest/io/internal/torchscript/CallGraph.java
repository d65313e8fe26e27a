package org.palimpsest.io.internal.torchscript;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which methods a run can reach, and which of them need a twin. */
final class CallGraph {

  private final ScriptLibrary library;
  private final AddedNames names;
  private final Map<MethodId, Set<MethodId>> callees = new LinkedHashMap<>();

  private CallGraph(ScriptLibrary library, AddedNames names) {
    this.library = library;
    this.names = names;
  }

  /**
   * The methods that need a twin because they are forward methods, or lead to one, or stand beside
   * one behind an interface.
   */
  static Set<MethodId> methodsThatNeedTwins(
      ScriptLibrary library, AddedNames names, List<MethodId> roots) {
    CallGraph graph = new CallGraph(library, names);
    graph.explore(roots);
    Set<MethodId> live = graph.live();
    Set<MethodId> twins = new LinkedHashSet<>(live);
    live.stream().filter(graph::isOfInterface).forEach(m -> twins.addAll(graph.calleesOf(m)));
    return twins;
  }

  private void explore(List<MethodId> roots) {
    Deque<MethodId> waiting = new ArrayDeque<>(roots);
    while (!waiting.isEmpty()) {
      MethodId next = waiting.remove();
      if (!callees.containsKey(next)) {
        Set<MethodId> found = isOfInterface(next) ? implementationsOf(next) : callsIn(next);
        callees.put(next, found);
        waiting.addAll(found);
      }
    }
  }

  private Set<MethodId> callsIn(MethodId caller) {
    Set<MethodId> found = new LinkedHashSet<>();
    ScriptClass owner = library.find(caller.type());
    ScriptMethod method = owner == null ? null : owner.methods().get(caller.method());
    if (owner == null || method == null) {
      return found;
    }
    ModuleScope scope = new ModuleScope(library, names, owner, method);
    for (String line : method.body()) {
      scope.calls(line).forEach(call -> found.add(call.target()));
      scope.remember(line);
    }
    return found;
  }

  private Set<MethodId> implementationsOf(MethodId declared) {
    Set<MethodId> found = new LinkedHashSet<>();
    ScriptClass owner = library.find(declared.type());
    if (owner != null) {
      library
          .implementationsOf(owner)
          .forEach(c -> found.add(new MethodId(c.name(), declared.method())));
    }
    return found;
  }

  private boolean isOfInterface(MethodId method) {
    ScriptClass owner = library.find(method.type());
    return owner != null && owner.isInterface();
  }

  private Set<MethodId> live() {
    Set<MethodId> live = new LinkedHashSet<>();
    callees.keySet().stream().filter(this::mustBeTwin).forEach(live::add);
    boolean grown = true;
    while (grown) {
      Set<MethodId> callers = new HashSet<>(callees.keySet());
      callers.removeIf(m -> live.contains(m) || calleesOf(m).stream().noneMatch(live::contains));
      grown = live.addAll(callers);
    }
    return live;
  }

  private Set<MethodId> calleesOf(MethodId method) {
    @Nullable Set<MethodId> found = callees.get(method);
    return found == null ? Set.of() : found;
  }

  /**
   * Changes of a module's own attributes are to be noticed as well; and hooks cannot be called as
   * methods, but their twins can.
   */
  private boolean mustBeTwin(MethodId id) {
    ScriptClass owner = library.find(id.type());
    ScriptMethod method = owner == null ? null : owner.methods().get(id.method());
    return owner != null
        && method != null
        && !owner.isInterface()
        && (owner.givesResult(method)
            || owner.preHooks().contains(method.name())
            || method.body().stream().anyMatch(StateChanges::setsAttribute));
  }
}
