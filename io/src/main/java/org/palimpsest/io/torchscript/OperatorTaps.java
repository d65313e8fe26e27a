package org.palimpsest.io.torchscript;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Records the result of every operator that a method calls, for networks without submodules.
 *
 * <p>Each call gets a statement of its own, inner calls before outer ones as they are evaluated, so
 * that its result has a name. What is no tensor, nor a list or pair of tensors, is not recorded:
 * the compiler drops those branches.
 */
final class OperatorTaps {

  private static final Pattern CALL =
      Pattern.compile("(?<![\\w.\"])((?:torch|ops|__torch__)(?:\\.\\w+)+|\\w+)\\(");
  private static final Pattern ALIAS = Pattern.compile(" *(\\w+) = (__torch__(?:\\.\\w+)+)\\s*");
  private static final Pattern PLAIN_NAME = Pattern.compile("\\w+");
  private static final Pattern STATEMENT =
      Pattern.compile(" *(return |if |for |[\\w, ]+(?: ?: [^=]+)? = ).*");

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
    } else if (STATEMENT.matcher(line).matches()) {
      String indent = " ".repeat(ScriptText.indentation(line));
      String rest = line;
      for (Call call = innermost(rest); call != null; call = innermost(rest)) {
        operators.add(call.operator());
        String result = names.local("result" + operators.size());
        lines.add(indent + result + " = " + rest.substring(call.start(), call.end()));
        record(call.operator(), result, indent);
        rest = rest.substring(0, call.start()) + result + rest.substring(call.end());
      }
      lines.add(rest);
      return;
    }
    lines.add(line);
  }

  private record Call(String operator, int start, int end) {}

  /** The call that is evaluated first: the one that ends first. */
  private @Nullable Call innermost(String line) {
    String masked = ScriptText.maskLiterals(line);
    Matcher matcher = CALL.matcher(masked);
    Call first = null;
    while (matcher.find()) {
      String callee = callee(matcher.group(1));
      int close = ScriptText.closing(masked, matcher.end() - 1);
      if (callee != null && close >= 0 && (first == null || close + 1 < first.end())) {
        first = new Call(callee.substring(callee.lastIndexOf('.') + 1), matcher.start(), close + 1);
      }
    }
    return first;
  }

  /** The full name of what is called, if it may give a tensor. */
  private @Nullable String callee(String written) {
    String name = PLAIN_NAME.matcher(written).matches() ? aliases.get(written) : written;
    boolean given = name == null || name.startsWith("ops.prim.") || name.contains(".__");
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
