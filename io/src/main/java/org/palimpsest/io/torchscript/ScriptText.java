package org.palimpsest.io.torchscript;

import java.util.ArrayList;
import java.util.List;

/** Brackets, commas and string literals in TorchScript's source text. */
final class ScriptText {

  private ScriptText() {}

  /** The same text, as long, with the content of its string literals blanked out. */
  static String maskLiterals(String text) {
    StringBuilder masked = new StringBuilder(text);
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0) {
        quote = c == '"' || c == '\'' ? c : 0;
      } else if (c == '\\') {
        masked.setCharAt(i, '_');
        if (i + 1 < text.length()) {
          masked.setCharAt(++i, '_');
        }
      } else if (c == quote) {
        quote = 0;
      } else {
        masked.setCharAt(i, '_');
      }
    }
    return masked.toString();
  }

  /** The most brackets that stand within each other in masked text. */
  static int deepest(String masked) {
    int depth = 0;
    int deepest = 0;
    for (int i = 0; i < masked.length(); i++) {
      depth += depthChange(masked.charAt(i));
      deepest = Math.max(deepest, depth);
    }
    return deepest;
  }

  /** How many brackets are open at the end of masked text. */
  static int depth(String masked) {
    return masked.chars().map(c -> depthChange((char) c)).sum();
  }

  /** The parts between the commas that stand outside all brackets, trimmed, none of them empty. */
  static List<String> splitAtCommas(String text) {
    String masked = maskLiterals(text);
    List<String> parts = new ArrayList<>();
    int from = 0;
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      depth += depthChange(masked.charAt(i));
      if (depth == 0 && masked.charAt(i) == ',') {
        parts.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    parts.add(text.substring(from).strip());
    parts.removeIf(String::isEmpty);
    return parts;
  }

  static int indentation(String line) {
    int i = 0;
    while (i < line.length() && line.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  static boolean isNamePart(char c) {
    return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  /** What a character of masked text does to the number of open brackets. */
  static int depthChange(char c) {
    return switch (c) {
      case '(', '[', '{' -> 1;
      case ')', ']', '}' -> -1;
      default -> 0;
    };
  }
}
