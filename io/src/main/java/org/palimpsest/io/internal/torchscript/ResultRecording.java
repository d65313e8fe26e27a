package org.palimpsest.io.internal.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes the lines that record a value by its declared type. */
final class ResultRecording {

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
    List<ScriptType> types = fields.isEmpty() ? type.arguments() : new ArrayList<>(fields.values());
    for (int i = 0; i < types.size(); i++) {
      String element = newLocal("element");
      String label = fields.isEmpty() ? String.valueOf(i) : labels.get(i);
      lines.add("%s%s = (%s)[%d]".formatted(indent, element, value, i));
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
