package org.palimpsest.io.internal.torchscript;

import java.util.List;

/**
 * A type as TorchScript writes it, such as {@code Optional[Tensor]}.
 *
 * @param name the part before the bracket
 * @param arguments the types in the brackets, if any
 */
record ScriptType(String name, List<ScriptType> arguments) {

  private static final int DEEPEST = 64;

  static ScriptType parse(String text) {
    return parse(text.strip(), 0);
  }

  private static ScriptType parse(String text, int depth) {
    int open = text.indexOf('[');
    if (open < 0 || !text.endsWith("]") || depth > DEEPEST) {
      return new ScriptType(text, List.of());
    }
    List<ScriptType> arguments =
        ScriptText.splitAtCommas(text.substring(open + 1, text.length() - 1)).stream()
            .map(argument -> parse(argument, depth + 1))
            .toList();
    return new ScriptType(text.substring(0, open).strip(), arguments);
  }

  boolean isTensor() {
    return name.equals("Tensor");
  }

  @Override
  public String toString() {
    return arguments.isEmpty()
        ? name
        : name
            + "["
            + String.join(", ", arguments.stream().map(ScriptType::toString).toList())
            + "]";
  }
}
