package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the Python expression that leads from the network to a module: {@code
 * getattr(L['self'].enc1.block, '0')} is {@code enc1.block.0}.
 */
final class ModulePath {

  /** The first parameter of the network's forward, which need not be called self. */
  private static final Pattern NETWORK = Pattern.compile("L\\['[\\p{L}_][\\p{L}\\p{N}_]*'\\]");

  private static final String GETATTR = "getattr(";
  private static final String MODULES = "_modules";
  private static final Pattern ESCAPE =
      Pattern.compile("\\\\(?:[nrt'\"\\\\]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})");
  private static final Pattern ODD_ESCAPE =
      Pattern.compile("(?<!\\\\)(?:\\\\\\\\)*+\\\\[^nrtxuU'\"\\\\]");
  private static final int DEEPEST = 200;

  private final String text;
  private int at;

  private ModulePath(String text) {
    this.text = text;
  }

  /** The path, its steps joined by dots; nothing if it is no such expression. */
  static Optional<String> of(String expression) {
    if (!isExpression(expression)) {
      return Optional.of(expression);
    }
    ModulePath path = new ModulePath(expression);
    List<String> steps = new ArrayList<>();
    boolean read = path.read(steps, 0) && path.at == expression.length();
    return read ? Optional.of(String.join(".", steps)) : Optional.empty();
  }

  /** Whether a text holds such an expression. */
  static boolean isExpression(String text) {
    return NETWORK.matcher(text).find();
  }

  /** The parts between separators that stand outside of all brackets and literals. */
  static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (depth > 0 && (c == '\'' || c == '"')) {
        i = endOfLiteral(text, i) - 1;
      } else if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (c == separator && depth == 0) {
        parts.add(text.substring(from, i));
        from = i + 1;
      }
    }
    parts.add(text.substring(from));
    return parts;
  }

  /** The index after the literal that begins here. */
  private static int endOfLiteral(String text, int begin) {
    int i = begin + 1;
    while (i < text.length() && text.charAt(i) != text.charAt(begin)) {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    return Math.min(i + 1, text.length());
  }

  private boolean read(List<String> steps, int depth) {
    if (depth > DEEPEST) {
      return false;
    }
    if (take(GETATTR)) {
      boolean attribute = read(steps, depth + 1) && take(", ") && literal(steps) && take(")");
      return attribute && more(steps);
    }
    Matcher network = NETWORK.matcher(text).region(at, text.length());
    if (!network.lookingAt()) {
      return false;
    }
    at = network.end();
    return more(steps);
  }

  /** Attributes and indices that follow. */
  private boolean more(List<String> steps) {
    boolean sound = true;
    while (sound && at < text.length() && (text.charAt(at) == '.' || text.charAt(at) == '[')) {
      if (take("[")) {
        if (!steps.isEmpty() && steps.get(steps.size() - 1).equals(MODULES)) {
          steps.remove(steps.size() - 1);
        }
        sound = (literal(steps) || word(steps)) && take("]");
      } else {
        at++;
        sound = word(steps);
      }
    }
    return sound;
  }

  private boolean take(String expected) {
    boolean there = text.startsWith(expected, at);
    at += there ? expected.length() : 0;
    return there;
  }

  private boolean word(List<String> steps) {
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    steps.add(text.substring(from, at));
    return at > from;
  }

  /** A string as Python's repr writes it. */
  private boolean literal(List<String> steps) {
    if (at >= text.length() || text.charAt(at) != '\'' && text.charAt(at) != '"') {
      return false;
    }
    int end = endOfLiteral(text, at);
    Optional<String> step = unescaped(text.substring(at + 1, Math.max(at + 1, end - 1)));
    at = end;
    step.ifPresent(steps::add);
    return step.isPresent();
  }

  private static Optional<String> unescaped(String content) {
    StringBuilder plain = new StringBuilder();
    Matcher escape = ESCAPE.matcher(content);
    int from = 0;
    while (escape.find()) {
      plain.append(content, from, escape.start());
      char kind = content.charAt(escape.start() + 1);
      switch (kind) {
        case 'n' -> plain.append('\n');
        case 'r' -> plain.append('\r');
        case 't' -> plain.append('\t');
        case 'x', 'u', 'U' -> {
          int letter = Integer.parseUnsignedInt(escape.group().substring(2), 16);
          if (!Character.isValidCodePoint(letter)) {
            return Optional.empty();
          }
          plain.appendCodePoint(letter);
        }
        default -> plain.append(kind);
      }
      from = escape.end();
    }
    plain.append(content.substring(from));
    return plain.indexOf("\\") >= 0 && ODD_ESCAPE.matcher(content).find()
        ? Optional.empty()
        : Optional.of(plain.toString());
  }
}
