package org.palimpsest.io.torchscript;

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

  private static final Pattern FORK = Pattern.compile("( *)(\\w+) = fork\\(\\w+\\)\\s*");
  private static final String RETURN = "    return ";
  private static final String BODY = "    ";

  private final ScriptLibrary library;
  private final AddedNames names;
  private final Set<MethodId> twins;

  TwinWriter(ScriptLibrary library, AddedNames names, Set<MethodId> twins) {
    this.library = library;
    this.names = names;
    this.twins = twins;
  }

  /** Whether a run calls any module but the network itself. */
  boolean hasSubmodules() {
    return twins.size() > 1;
  }

  List<String> twinOf(ScriptClass owner, ScriptMethod method) {
    List<String> lines = new ArrayList<>();
    lines.add(header(method));
    if (owner.isInterface()) {
      lines.addAll(method.body());
      return lines;
    }
    List<String> body =
        hasSubmodules()
            ? FusedLayers.unfused(method.body())
            : OperatorTaps.tapped(method.body(), names);
    ModuleScope scope = new ModuleScope(library, names, owner, method);
    for (int i = 0; i < body.size(); i++) {
      String line = body.get(i);
      String rewritten = withTwinsCalled(line, scope);
      boolean result = method.isForward() && i == lastReturn(body);
      lines.addAll(result ? recorded(rewritten, method) : List.of(rewritten));
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
            .append(line, copied, call.nameStart())
            .append(names.twinOf(call.method()))
            .append("(%s, %s, ".formatted(names.recorder(), call.path()));
        copied = call.argumentsStart();
      }
    }
    return rewritten.append(line.substring(copied)).toString();
  }

  private static int lastReturn(List<String> body) {
    for (int i = body.size() - 1; i >= 0; i--) {
      if (body.get(i).startsWith(RETURN)) {
        return i;
      }
    }
    return ScriptText.NOT_FOUND;
  }

  private List<String> recorded(String returnLine, ScriptMethod method) {
    String result = names.local("result");
    String name = names.local("name");
    List<String> lines = new ArrayList<>();
    lines.add(
        BODY + result + " : " + method.returns() + " = " + returnLine.substring(RETURN.length()));
    lines.add("%s%s = (%s).call(%s, )".formatted(BODY, name, names.recorder(), names.path()));
    lines.addAll(
        new ResultRecording(library, names)
            .lines(ScriptType.parse(method.returns()), result, name, BODY));
    lines.add(RETURN + result);
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
