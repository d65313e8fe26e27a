package org.palimpsest.io.internal.pt2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.io.internal.graph.Argument;
import org.palimpsest.io.internal.graph.GraphBuilder;

/**
 * A size as a formula of others: {@code 4*s0}, {@code ((s0 - 1)//2) + 1}, or as newer files write
 * it, {@code Mul(Integer(4), Symbol('s77', positive=True))}.
 *
 * @param form a number, the name of a symbol, or an operator for integers
 * @param parts what an operator is applied to
 */
record SizeExpression(String form, List<SizeExpression> parts) {

  private static final int LONGEST = 4096;
  private static final int DEEPEST = 100;
  private static final Map<String, String> FUNCTIONS =
      Map.of(
          "Add", "add",
          "Mul", "mul",
          "FloorDiv", "floordiv",
          "Mod", "remainder",
          "PythonMod", "remainder",
          "Max", "prim::max",
          "Min", "prim::min");

  /**
   * Reads a formula.
   *
   * @return empty if it holds something else than is known here
   */
  static Optional<SizeExpression> parse(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    Parser parser = new Parser(text);
    try {
      SizeExpression sum = parser.sum(0);
      return parser.isAtEnd() ? Optional.of(sum) : Optional.empty();
    } catch (NumberFormatException notASize) {
      return Optional.empty();
    }
  }

  private static SizeExpression leaf(String form) {
    return new SizeExpression(form, List.of());
  }

  private boolean isNumber() {
    return Character.isDigit(form.charAt(form.length() - 1)) && form.matches("-?\\d+");
  }

  /** The one symbol that it is, or is a whole multiple of. */
  Optional<Multiple> multiple() {
    if (parts.isEmpty()) {
      return isNumber() ? Optional.empty() : Optional.of(new Multiple(1, form));
    }
    if (form.equals("mul") && parts.size() == 2) {
      SizeExpression factor = parts.get(0).isNumber() ? parts.get(0) : parts.get(1);
      SizeExpression symbol = parts.get(0).isNumber() ? parts.get(1) : parts.get(0);
      boolean fits = factor.isNumber() && symbol.parts.isEmpty() && !symbol.isNumber();
      long number = fits ? Long.parseLong(factor.form) : 0;
      return number > 0 ? Optional.of(new Multiple(number, symbol.form)) : Optional.empty();
    }
    return Optional.empty();
  }

  /** So many times a symbol. */
  record Multiple(long factor, String symbol) {
    /** As the keys of range constraints are written. */
    String key() {
      return factor == 1 ? symbol : factor + "*" + symbol;
    }
  }

  /** Whether all its symbols are known. */
  boolean isKnown(Map<String, Argument> symbols) {
    return parts.isEmpty()
        ? isNumber() || symbols.containsKey(form)
        : parts.stream().allMatch(part -> part.isKnown(symbols));
  }

  /** The size, computed by calls that are added to the graph; all its symbols must be known. */
  Argument in(GraphBuilder graph, Map<String, Argument> symbols) {
    if (parts.isEmpty()) {
      return isNumber()
          ? new Argument.Int(Long.parseLong(form))
          : symbols.getOrDefault(form, new Argument.None());
    }
    Argument result = parts.get(0).in(graph, symbols);
    for (SizeExpression part : parts.subList(1, parts.size())) {
      result = graph.call(form, result, part.in(graph, symbols));
    }
    return result;
  }

  /** Throws {@link NumberFormatException} where something else stands. */
  private static final class Parser {

    private final String text;
    private int at;

    Parser(String text) {
      this.text = text.replace(" ", "");
    }

    boolean isAtEnd() {
      return at == text.length();
    }

    private boolean take(String token) {
      if (text.startsWith(token, at)) {
        at += token.length();
        return true;
      }
      return false;
    }

    private void require(String token) {
      if (!take(token)) {
        throw new NumberFormatException(text);
      }
    }

    SizeExpression sum(int depth) {
      if (depth > DEEPEST) {
        throw new NumberFormatException(text);
      }
      SizeExpression sum = product(depth);
      while (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        String form = text.charAt(at++) == '+' ? "add" : "sub";
        sum = new SizeExpression(form, List.of(sum, product(depth)));
      }
      return sum;
    }

    private SizeExpression product(int depth) {
      SizeExpression product = factor(depth);
      while (at < text.length() && !text.startsWith("**", at)) {
        if (take("//")) {
          product = new SizeExpression("floordiv", List.of(product, factor(depth)));
        } else if (take("*")) {
          product = new SizeExpression("mul", List.of(product, factor(depth)));
        } else {
          break;
        }
      }
      return product;
    }

    private SizeExpression factor(int depth) {
      if (take("(")) {
        SizeExpression inner = sum(depth + 1);
        require(")");
        return inner;
      }
      int from = at;
      take("-");
      while (at < text.length()
          && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
        at++;
      }
      String word = text.substring(from, at);
      if (word.matches("-?\\d+")) {
        return leaf(String.valueOf(Long.parseLong(word)));
      }
      if (!word.matches("[A-Za-z]\\w*")) {
        throw new NumberFormatException(text);
      }
      return take("(") ? function(word, depth) : leaf(word);
    }

    private SizeExpression function(String name, int depth) {
      if (name.equals("Symbol")) {
        require("'");
        int end = text.indexOf('\'', at);
        int close = text.indexOf(')', at);
        if (end < 0 || close < end || !text.substring(at, end).matches("[A-Za-z]\\w*")) {
          throw new NumberFormatException(text);
        }
        SizeExpression symbol = leaf(text.substring(at, end));
        at = close + 1;
        return symbol;
      }
      List<SizeExpression> arguments = new ArrayList<>();
      do {
        arguments.add(sum(depth + 1));
      } while (take(","));
      require(")");
      if (name.equals("Integer") && arguments.size() == 1) {
        return arguments.get(0);
      }
      String form = FUNCTIONS.get(name);
      if (form == null || arguments.size() < 2) {
        throw new NumberFormatException(text);
      }
      return new SizeExpression(form, arguments);
    }
  }
}
