package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  /**
   * Takes the short cut out of Transformer layers.
   *
   * <p>In evaluation mode they may hand all their weights to one fused operator, and the layers
   * within are never called. The branch that does so is closed in the twin; the other one computes
   * the same.
   */
  private static final class FusedLayers {

    private static final Pattern FUSED = Pattern.compile("\\b_transformer_encoder_layer_fwd\\(");
    private static final Pattern CONDITION = Pattern.compile(" *+if .*:\\s*+");

    private FusedLayers() {}

    static List<String> unfused(List<String> body) {
      List<String> open = new ArrayList<>(body);
      for (int i = 0; i < open.size(); i++) {
        if (FUSED.matcher(open.get(i)).find()) {
          close(open, i);
        }
      }
      return open;
    }

    private static void close(List<String> body, int fused) {
      int indentation = ScriptText.indentation(body.get(fused));
      for (int i = fused - 1; i >= 0; i--) {
        String line = body.get(i);
        if (!line.isBlank() && ScriptText.indentation(line) < indentation) {
          if (CONDITION.matcher(line).matches()) {
            body.set(i, " ".repeat(ScriptText.indentation(line)) + "if False:");
          }
          return;
        }
      }
    }
  }

  /** Writes the lines that record a value by its declared type. */
  private static final class ResultRecording {

    private final ScriptLibrary library;
    private final AddedNames names;
    private final List<String> lines = new ArrayList<>();
    private int locals;

    ResultRecording(ScriptLibrary library, AddedNames names) {
      this.library = library;
      this.names = names;
    }

    /**
     * The lines that record the value.
     *
     * @param type its declared type
     * @param value an expression for it
     * @param name an expression for the name under which it is recorded
     * @param indent the spaces before each line
     */
    List<String> lines(ScriptType type, String value, String name, String indent) {
      record(type, value, name, indent);
      return lines;
    }

    private void record(ScriptType type, String value, String name, String indent) {
      if (!holdsTensor(type)) {
        return;
      }
      switch (type.name()) {
        case "Tensor" ->
            lines.add("%s(%s).tensor(%s, %s, )".formatted(indent, names.recorder(), name, value));
        case "Optional" -> recordOptional(type, value, name, indent);
        case "List" -> recordList(type, value, name, indent);
        case "Dict" -> recordDict(type, value, name, indent);
        default -> recordTuple(type, value, name, indent);
      }
    }

    private boolean holdsTensor(ScriptType type) {
      return switch (type.name()) {
        case "Tensor" -> true;
        case "Optional", "List", "Tuple" -> type.arguments().stream().anyMatch(this::holdsTensor);
        case "Dict" -> type.arguments().size() == 2 && holdsTensor(type.arguments().get(1));
        default -> fieldsOf(type).values().stream().anyMatch(this::holdsTensor);
      };
    }

    private Map<String, ScriptType> fieldsOf(ScriptType type) {
      ScriptClass found = library.find(type.name());
      return found != null && found.isNamedTuple() ? found.attributes() : Map.of();
    }

    private void recordOptional(ScriptType type, String value, String name, String indent) {
      ScriptType inner = type.arguments().get(0);
      String some = newLocal("some");
      lines.add("%sif torch.__isnot__(%s, None):".formatted(indent, value));
      lines.add("%s  %s = unchecked_cast(%s, %s)".formatted(indent, some, inner, value));
      record(inner, some, name, indent + "  ");
      lines.add(indent + "else:");
      lines.add(indent + "  pass");
    }

    private void recordList(ScriptType type, String value, String name, String indent) {
      String index = newLocal("index");
      String element = newLocal("element");
      lines.add("%sfor %s in range(torch.len(%s)):".formatted(indent, index, value));
      lines.add("%s  %s = %s[%s]".formatted(indent, element, value, index));
      record(type.arguments().get(0), element, elementName(name, index), indent + "  ");
    }

    private void recordDict(ScriptType type, String value, String name, String indent) {
      String keys = newLocal("keys");
      String index = newLocal("index");
      String key = newLocal("key");
      String element = newLocal("element");
      lines.add("%s%s = torch.keys(%s)".formatted(indent, keys, value));
      lines.add("%sfor %s in range(torch.len(%s)):".formatted(indent, index, keys));
      lines.add("%s  %s = %s[%s]".formatted(indent, key, keys, index));
      lines.add("%s  %s = %s[%s]".formatted(indent, element, value, key));
      String label =
          type.arguments().get(0).name().equals("str")
              ? "(%s).spelt(%s, )".formatted(names.recorder(), key)
              : key;
      record(type.arguments().get(1), element, elementName(name, label), indent + "  ");
    }

    private void recordTuple(ScriptType type, String value, String name, String indent) {
      Map<String, ScriptType> fields = fieldsOf(type);
      List<String> labels = new ArrayList<>(fields.keySet());
      List<ScriptType> types =
          fields.isEmpty() ? type.arguments() : new ArrayList<>(fields.values());
      for (int i = 0; i < types.size(); i++) {
        String element = newLocal("element");
        String label = fields.isEmpty() ? String.valueOf(i) : labels.get(i);
        lines.add("%s%s = (%s)[%s]".formatted(indent, element, value, i));
        record(types.get(i), element, elementName(name, "\"" + label + "\""), indent);
      }
    }

    private static String elementName(String name, String label) {
      return "torch.format(\"{}[{}]\", %s, %s)".formatted(name, label);
    }

    private String newLocal(String purpose) {
      locals++;
      return names.local(purpose + locals);
    }
  }

  /**
   * A call of a module's method.
   *
   * @param type the module's class
   * @param method the method's name
   * @param path an expression for the module's path
   * @param receiver what must be written before the method's name, where the call is written as
   *     that of a function which is given the module
   * @param start the index where the text begins that is to be written anew
   * @param end the index of the first argument
   */
  record ModuleCall(
      ScriptClass type, String method, String path, String receiver, int start, int end) {

    MethodId target() {
      return new MethodId(type.name(), method);
    }
  }
}
