package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;

/** Writes the method of the root module that Java calls. */
final class EntryMethod {

  private final AddedNames names;
  private final ScriptClass root;
  private final ScriptMethod forward;
  private final Set<MethodId> twins;

  EntryMethod(AddedNames names, ScriptClass root, ScriptMethod forward, Set<MethodId> twins) {
    this.names = names;
    this.root = root;
    this.forward = forward;
    this.twins = twins;
  }

  /**
   * It takes the probes, the number of the type that the network wants them in, the layers to
   * record (one per line), how each is to be reduced (one per line), the positions picked for that
   * and whether only names and shapes are asked for. It gives lines of names and shapes, a list of
   * tensors in the same order, and whether the network changed its own state.
   */
  List<String> lines() {
    String recorder = names.recorder();
    String type = names.recorderClass();
    String before = names.local("before");
    List<String> lines =
        new ArrayList<>(
            List.of(
                "  def %s(self: %s,".formatted(names.entryMethod(), root.name()),
                "    probes: Tensor,",
                "    dtype: int,",
                "    wanted: str,",
                "    targets: str,",
                "    picks: List[Tensor],",
                "    discovering: bool) -> Tuple[str, List[Tensor], bool]:",
                "    %s = %s.__new__(%s)".formatted(recorder, type, type),
                "    (%s).__init__(wanted, targets, picks, discovering, )".formatted(recorder),
                "    %s = (self).%s(%s, discovering, )"
                    .formatted(names.local("seen"), names.stateMethod(), recorder),
                "    %s = %s.state".formatted(before, recorder),
                "    %s.state = annotate(List[float], [])".formatted(recorder)));
    lines.addAll(call());
    lines.addAll(
        List.of(
            "    %s = (self).%s(%s, discovering, )"
                .formatted(names.local("seen"), names.stateMethod(), recorder),
            "    if torch.ne(%s, %s.state):".formatted(before, recorder),
            "      %s.changed = True".formatted(recorder),
            "    else:",
            "      pass",
            "    return (torch.join(\"\\n\", (%s).lines), (%s).values, %s.changed)"
                .formatted(recorder, recorder, recorder)));
    return lines;
  }

  /** What libtorch does when a module is called: pre-hooks, forward, hooks. */
  private List<String> call() {
    List<String> lines = new ArrayList<>();
    boolean list = ScriptMethod.typeOf(forward.inputs().get(0)).name().equals("List");
    String input = names.local("input");
    lines.add("    %s = torch.to(probes, dtype, False, True)".formatted(input));
    if (list) {
      input = "torch.unbind(%s)".formatted(input);
    }
    String inputs = names.local("inputs");
    lines.add("    %s = (%s,)".formatted(inputs, input));
    int given = 1;
    for (int i = 0; i < root.preHooks().size(); i++) {
      ScriptMethod hook = hook(root.preHooks().get(i));
      String made = names.local("made" + i);
      lines.add("    %s = %s".formatted(made, call(hook, inputs + ", ")));
      ScriptType type = ScriptType.parse(hook.returns());
      if (!hook.returns().equals(TwinWriter.NONE)) {
        boolean several = type.name().equals("Tuple");
        given = several ? type.arguments().size() : 1;
        inputs = names.local("inputs" + i);
        lines.add("    %s = %s".formatted(inputs, several ? made : "(" + made + ",)"));
      }
    }
    StringBuilder arguments = new StringBuilder();
    for (int i = 0; i < given; i++) {
      arguments.append("(%s)[%d], ".formatted(inputs, i));
    }
    String output = names.local("output");
    lines.add("    %s = %s".formatted(output, call(forward, arguments.toString())));
    for (int i = 0; i < root.hooks().size(); i++) {
      ScriptMethod hook = hook(root.hooks().get(i));
      String made = names.local("output" + i);
      lines.add("    %s = %s".formatted(made, call(hook, inputs + ", " + output + ", ")));
      output = hook.returns().equals(TwinWriter.NONE) ? output : made;
    }
    return lines;
  }

  private String call(ScriptMethod method, String arguments) {
    return twins.contains(new MethodId(root.name(), method.name()))
        ? "(self).%s(%s, \"\", %s)"
            .formatted(names.twinOf(method.name()), names.recorder(), arguments)
        : "(self).%s(%s)".formatted(method.name(), arguments);
  }

  private ScriptMethod hook(String name) {
    ScriptMethod hook = root.methods().get(name);
    if (hook == null || ScriptType.parse(hook.returns()).name().equals("Optional")) {
      throw new PalimpsestException(
          "Its network's hook '%s' %s."
              .formatted(
                  name,
                  hook == null
                      ? "is not in its code: it is damaged"
                      : "gives a result at times and at times none, which is not run here"));
    }
    return hook;
  }
}
