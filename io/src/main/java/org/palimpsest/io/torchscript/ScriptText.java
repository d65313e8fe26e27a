package org.palimpsest.io.torchscript;

import java.util.ArrayList;
import java.util.List;

/** Brackets, commas and string literals in TorchScript's source text. */
final class ScriptText {

  static final int NOT_FOUND = -1;

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

  /** The index of the bracket that closes the one at {@code open}, in masked text. */
  static int closing(String masked, int open) {
    int depth = 0;
    for (int i = open; i < masked.length(); i++) {
      depth += depthChange(masked.charAt(i));
      if (depth == 0) {
        return i;
      }
    }
    return NOT_FOUND;
  }

  /** The index of the bracket that opens the one at {@code close}, in masked text. */
  static int opening(String masked, int close) {
    int depth = 0;
    for (int i = close; i >= 0; i--) {
      depth += depthChange(masked.charAt(i));
      if (depth == 0) {
        return i;
      }
    }
    return NOT_FOUND;
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
    return c == '_' || Character.isLetterOrDigit(c);
  }

  private static int depthChange(char c) {
    return switch (c) {
      case '(', '[', '{' -> 1;
      case ')', ']', '}' -> -1;
      default -> 0;
    };
  }
}
