package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a method's twin: it does what the method does, takes the recorder and its module's path
 * before all other arguments, calls the twins of the modules below with theirs, and, if it is a
 * forward method, records its result.
 */
final class TwinWriter {

  private static final Pattern FORK = Pattern.compile("( *+)(\\w++) = fork\\(\\w++\\)\\s*+");
  private static final String RETURN = "return ";
  private static final String FUNCTION = "def ";

  /** The declared result of a hook that leaves the result as it is. */
  static final String NONE = "NoneType";

  private final ScriptLibrary library;
  private final AddedNames names;
  private final Set<MethodId> twins;
  private final boolean hasSubmodules;

  TwinWriter(ScriptLibrary library, AddedNames names, Set<MethodId> twins, boolean hasSubmodules) {
    this.library = library;
    this.names = names;
    this.twins = twins;
    this.hasSubmodules = hasSubmodules;
  }

  List<String> twinOf(ScriptClass owner, ScriptMethod method) {
    List<String> lines = new ArrayList<>();
    lines.add(header(method));
    if (owner.isInterface()) {
      lines.addAll(method.body());
      return lines;
    }
    List<String> body =
        hasSubmodules || !method.isForward()
            ? FusedLayers.unfused(method.body())
            : OperatorTaps.tapped(method.body(), names);
    ModuleScope scope = new ModuleScope(library, names, owner, method);
    int within = Integer.MAX_VALUE;
    for (String line : body) {
      String rewritten = withTwinsCalled(line, scope);
      String statement = line.stripLeading();
      int depth = ScriptText.indentation(line);
      if (!statement.isEmpty() && depth <= within) {
        // What is forked stands in a function within the method, with a return of its own.
        within = statement.startsWith(FUNCTION) ? depth : Integer.MAX_VALUE;
      }
      boolean result =
          owner.givesResult(method) && within == Integer.MAX_VALUE && statement.startsWith(RETURN);
      lines.addAll(result ? recorded(rewritten, owner, method) : List.of(rewritten));
      if (StateChanges.setsAttribute(line)) {
        lines.add(indent(line) + names.recorder() + ".changed = True");
      }
      String path = scope.remember(line);
      if (path != null) {
        lines.add(path);
      }
      waitIfForked(line, lines);
    }
    return lines;
  }

  private String header(ScriptMethod method) {
    List<String> parameters = new ArrayList<>();
    parameters.add(method.parameters().get(0));
    parameters.add(names.recorder() + ": " + names.recorderClass());
    parameters.add(names.path() + ": str");
    parameters.addAll(method.inputs());
    return "  def %s(%s) -> %s:"
        .formatted(
            names.twinOf(method.name()), String.join(",\n    ", parameters), method.returns());
  }

  private String withTwinsCalled(String line, ModuleScope scope) {
    StringBuilder rewritten = new StringBuilder();
    int copied = 0;
    for (ModuleCall call : scope.calls(line)) {
      if (twins.contains(call.target())) {
        rewritten
            .append(line, copied, call.start())
            .append(call.receiver())
            .append(names.twinOf(call.method()))
            .append("(%s, %s, ".formatted(names.recorder(), call.path()));
        copied = call.end();
      }
    }
    return rewritten.append(line.substring(copied)).toString();
  }

  private static String indent(String line) {
    return " ".repeat(ScriptText.indentation(line));
  }

  /**
   * What a hook gives takes the place of what was recorded of the same call before. One that gives
   * nothing may have changed what it was given, the result of the call.
   */
  private List<String> recorded(String returnLine, ScriptClass owner, ScriptMethod method) {
    String indent = indent(returnLine);
    boolean hook = owner.hooks().contains(method.name());
    String result = names.local("result");
    String name = names.local("name");
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s%s : %s = %s"
            .formatted(
                indent,
                result,
                method.returns(),
                returnLine.stripLeading().substring(RETURN.length())));
    String given = method.inputs().isEmpty() ? "" : method.inputs().get(method.inputs().size() - 1);
    boolean changesGiven = hook && method.returns().equals(NONE);
    String call = hook ? "again" : "call";
    lines.add("%s%s = (%s).%s(%s, )".formatted(indent, name, names.recorder(), call, names.path()));
    lines.addAll(
        new ResultRecording(library, names)
            .lines(
                changesGiven ? ScriptMethod.typeOf(given) : ScriptType.parse(method.returns()),
                changesGiven ? ScriptMethod.nameOf(given) : result,
                name,
                indent));
    lines.add("%s(%s).finish(%s, )".formatted(indent, names.recorder(), names.path()));
    lines.add(indent + RETURN + result);
    return lines;
  }

  /** Two threads must not write one recorder: what was forked is waited for at once. */
  private void waitIfForked(String line, List<String> lines) {
    Matcher fork = FORK.matcher(line);
    if (fork.matches()) {
      lines.add(
          "%s%s = torch.wait(%s)"
              .formatted(fork.group(1), names.local("waited_" + fork.group(2)), fork.group(2)));
    }
  }
}
