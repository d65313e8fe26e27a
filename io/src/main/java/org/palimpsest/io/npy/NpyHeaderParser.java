package org.palimpsest.io.npy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;

/**
 * Parses the text of an NPY header: a Python dictionary of exactly {@code descr}, {@code
 * fortran_order} and {@code shape}. Nothing is evaluated.
 */
final class NpyHeaderParser {

  record Fields(String description, boolean fortranOrder, List<Long> shape) {}

  private final String text;
  private final String source;
  private int at;
  private @Nullable String description;
  private @Nullable Boolean fortranOrder;
  private @Nullable List<Long> shape;

  NpyHeaderParser(String text, String source) {
    this.text = text;
    this.source = source;
  }

  Fields parse() {
    expect('{');
    while (peek() != '}') {
      field();
      if (peek() == ',') {
        at++;
      } else if (peek() != '}') {
        throw malformed();
      }
    }
    expect('}');
    skipSpace();
    if (at < text.length() || description == null || fortranOrder == null || shape == null) {
      throw malformed();
    }
    return new Fields(description, fortranOrder, shape);
  }

  private void field() {
    String key = string();
    expect(':');
    switch (key) {
      case "descr" -> description = description();
      case "fortran_order" -> fortranOrder = truth();
      case "shape" -> shape = shape();
      default -> throw malformed();
    }
  }

  private String description() {
    char first = peek();
    if (first == '[' || first == '(' || first == '{') {
      throw new PalimpsestException(
          source + " holds records of several fields; save each field as an array of its own.");
    }
    return string();
  }

  private boolean truth() {
    skipSpace();
    for (String word : List.of("True", "False")) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return word.equals("True");
      }
    }
    throw malformed();
  }

  private List<Long> shape() {
    List<Long> extents = new ArrayList<>();
    expect('(');
    while (peek() != ')') {
      extents.add(number());
      if (peek() == ',') {
        at++;
      } else if (peek() != ')' || extents.size() == 1) {
        throw malformed();
      }
    }
    expect(')');
    return extents;
  }

  private long number() {
    skipSpace();
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    String digits = text.substring(start, at);
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      throw malformed(); // no number in Python
    }
    if (at < text.length() && text.charAt(at) == 'L') {
      at++; // written by Python 2
    }
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException tooLargeOrNone) {
      throw malformed();
    }
  }

  private String string() {
    char quote = peek();
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
    if (end < 0) {
      throw malformed();
    }
    String content = text.substring(at + 1, end);
    at = end + 1;
    return content;
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw malformed();
    }
    at++;
  }

  private char peek() {
    skipSpace();
    if (at >= text.length()) {
      throw malformed();
    }
    return text.charAt(at);
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private PalimpsestException malformed() {
    return new PalimpsestException(
        "%s has a header that is damaged at character %d of %d. Write it again with NumPy."
            .formatted(source, at, text.length()));
  }
}
