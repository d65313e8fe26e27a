package org.palimpsest.io.internal.torchscript;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Records the result of every operator that a method calls, for networks without submodules.
 *
 * <p>Each call gets a statement of its own, inner calls before outer ones as they are evaluated, so
 * that its result has a name. What is no tensor, nor a list or pair of tensors, is not recorded:
 * the compiler drops those branches.
 */
final class OperatorTaps {

  private static final Pattern CALL = Pattern.compile("(?<![\\w.\"])([\\w.]++)\\(");
  private static final Pattern FULL_NAME = Pattern.compile("(?:torch|ops|__torch__)(?:\\.\\w++)++");
  private static final Pattern ALIAS =
      Pattern.compile(" *+(\\w++) = (__torch__(?:\\.\\w++)++)\\s*+");
  private static final Pattern STATEMENT =
      Pattern.compile(" *+(?:return |if |for |[\\w, ]*+(?: ?: [^=]*+)?+= ).*+", Pattern.DOTALL);

  /** Each takes a dozen lines; the largest frozen networks have a few thousand. */
  private static final int MOST_OPERATORS = 50_000;

  private final AddedNames names;
  private final Map<String, String> aliases = new HashMap<>();
  private final List<String> lines = new ArrayList<>();
  private final List<String> operators = new ArrayList<>();

  private OperatorTaps(AddedNames names) {
    this.names = names;
  }

  static List<String> tapped(List<String> body, AddedNames names) {
    OperatorTaps taps = new OperatorTaps(names);
    body.forEach(taps::tap);
    return taps.lines;
  }

  /** The operators that a method calls, in the order of its text, each as often as it stands. */
  static List<String> operators(List<String> body, AddedNames names) {
    OperatorTaps taps = new OperatorTaps(names);
    body.forEach(taps::tap);
    return taps.operators;
  }

  private void tap(String line) {
    Matcher alias = ALIAS.matcher(line);
    if (alias.matches()) {
      aliases.put(alias.group(1), alias.group(2));
      lines.add(line);
    } else if (STATEMENT.matcher(line).matches()) {
      lines.add(withResultsNamed(ScriptLine.of(line)));
    } else {
      lines.add(line);
    }
  }

  /** A call whose end was not met yet, and the text after it began. */
  private record OpenCall(String operator, int close, StringBuilder text) {}

  /** Takes the calls out of a line, each as soon as it ends, and gives what remains of it. */
  private String withResultsNamed(ScriptLine line) {
    String indent = " ".repeat(ScriptText.indentation(line.text()));
    Map<Integer, OpenCall> starts = calls(line);
    Deque<OpenCall> open = new ArrayDeque<>();
    open.push(new OpenCall("", ScriptLine.NOT_FOUND, new StringBuilder()));
    for (int i = 0; i < line.length(); i++) {
      OpenCall begun = starts.get(i);
      if (begun != null) {
        open.push(begun);
      }
      OpenCall innermost = open.element();
      innermost.text().append(line.text().charAt(i));
      if (i == innermost.close()) {
        open.pop();
        open.element().text().append(named(innermost, indent));
      }
    }
    return open.element().text().toString();
  }

  private Map<Integer, OpenCall> calls(ScriptLine line) {
    Map<Integer, OpenCall> calls = new HashMap<>();
    Matcher matcher = CALL.matcher(line.masked());
    while (matcher.find()) {
      String callee = callee(matcher.group(1));
      int close = line.partner(matcher.end() - 1);
      if (callee != null && close >= 0) {
        String operator = callee.substring(callee.lastIndexOf('.') + 1);
        calls.put(matcher.start(), new OpenCall(operator, close, new StringBuilder()));
      }
    }
    return calls;
  }

  private String named(OpenCall call, String indent) {
    operators.add(call.operator());
    if (operators.size() > MOST_OPERATORS) {
      throw new PalimpsestException(
          "Its code calls more than %s operators in one method; so many are not recorded."
              .formatted(MOST_OPERATORS));
    }
    String result = names.local("result" + operators.size());
    lines.add(indent + result + " = " + call.text());
    record(call.operator(), result, indent);
    return result;
  }

  /** The full name of what is called, if it may give a tensor. */
  private @Nullable String callee(String written) {
    String name = written.indexOf('.') < 0 ? aliases.get(written) : written;
    boolean given =
        name == null
            || !FULL_NAME.matcher(name).matches()
            || name.startsWith("ops.prim.")
            || name.contains(".__");
    return given ? null : name;
  }

  private void record(String operator, String result, String indent) {
    String name = names.local("name");
    recordIf("Tensor", operator, result, indent, List.of(tensor(name, result)));
    recordIf(
        "Tuple[Tensor, Tensor]",
        operator,
        result,
        indent,
        List.of(
            tensor("torch.add(%s, \"[0]\")".formatted(name), "(" + result + ")[0]"),
            tensor("torch.add(%s, \"[1]\")".formatted(name), "(" + result + ")[1]")));
    String index = names.local("index");
    recordIf(
        "List[Tensor]",
        operator,
        result,
        indent,
        List.of(
            "for %s in range(torch.len(%s)):".formatted(index, result),
            "  "
                + tensor(
                    "torch.format(\"{}[{}]\", %s, %s)".formatted(name, index),
                    result + "[" + index + "]")));
  }

  private void recordIf(
      String type, String operator, String result, String indent, List<String> recording) {
    lines.add("%sif isinstance(%s, %s):".formatted(indent, result, type));
    lines.add(
        "%s  %s = (%s).call(\"/%s\", )"
            .formatted(indent, names.local("name"), names.recorder(), operator));
    recording.forEach(line -> lines.add(indent + "  " + line));
  }

  private String tensor(String name, String value) {
    return "(%s).tensor(%s, %s, )".formatted(names.recorder(), name, value);
  }
}
