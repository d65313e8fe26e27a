package org.palimpsest.io.internal.torchscript;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Brackets, commas and string literals in TorchScript's source text. */
final class ScriptText {

  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-3][0-7]{2}|[abfntv'\"\\\\])");

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

  /** A string as TorchScript writes it: what is not plain ASCII as octal bytes. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (b < ' ' || b == 127 || b == '"' || b == '\\') {
        quoted.append(String.format(Locale.ROOT, "\\%03o", b & 0xff));
      } else {
        quoted.append((char) b);
      }
    }
    return quoted.append('"').toString();
  }

  /**
   * The text that a literal's content stands for; nothing if libtorch cannot read it. PyTorch
   * writes letters beyond ASCII in a way that it cannot read itself.
   */
  static Optional<String> unquoted(String content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int at = 0;
    while (at < content.length()) {
      int end = at;
      while (end < content.length() && content.charAt(end) != '\\') {
        end++;
      }
      bytes.writeBytes(content.substring(at, end).getBytes(StandardCharsets.UTF_8));
      at = end;
      if (at < content.length()) {
        Matcher escape = ESCAPE.matcher(content).region(at, content.length());
        if (!escape.lookingAt()) {
          return Optional.empty();
        }
        bytes.write(escaped(escape.group(1)));
        at = escape.end();
      }
    }
    return Optional.of(bytes.toString(StandardCharsets.UTF_8));
  }

  private static int escaped(String escape) {
    return switch (escape.charAt(0)) {
      case 'a' -> 7;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'v' -> 11;
      case '0', '1', '2', '3' -> Integer.parseInt(escape, 8);
      default -> escape.charAt(0);
    };
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
