package org.palimpsest.io.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * TorchScript archives with one more line in the code of a module, in which one or two words are
 * said thousands of times: brackets that open, close or stay open, chains of attributes, calls,
 * quotes, operators. What follows from the line is nothing, so that right is a refusal or the
 * layers that were there before.
 */
final class SwollenScripts {

  private static final List<String> WORDS =
      List.of(
          "f(",
          "(",
          "[",
          "{",
          ")",
          "]",
          "()",
          "f(1), ",
          "1, ",
          "x, ",
          ", ",
          " ",
          "x",
          "\"",
          "\\",
          "\\\"",
          "\"a\", ",
          "torch.",
          ".a",
          "a.b",
          "torch.add(",
          "torch.dropout(",
          "(x).",
          "(m).g(",
          "not ",
          "-",
          "x + ",
          "x if x else ",
          "List[",
          "Optional[",
          "Tuple[int, ",
          "getattr(",
          "getattr(x, \"0\").",
          "__torch__.",
          "annotate(",
          "unchecked_cast(",
          "ops.prim.",
          "lambda ",
          "for i in ",
          "\u00e9",
          "0",
          "9",
          "1e",
          "#",
          ";",
          ":",
          "=",
          "\t");

  private static final List<String> NESTING =
      List.of("f(", "(", "[", "torch.", ".a", "torch.add(", "(x).", "List[", "not ", "getattr(");

  private static final int LONGEST = 1_000_000;

  private static final List<String> LINES =
      List.of(
          "    zz = %s\n",
          "    zz = [%s]\n",
          "    zz = (%s)\n",
          "    zz = \"%s\"\n",
          "    zz : %s = 0\n",
          "    if %s:\n      pass\n",
          "    (%s).forward(x, )\n",
          "    %s = x\n",
          "    # %s\n");

  private SwollenScripts() {}

  static byte[] mutate(byte[] original, SplittableRandom random) {
    boolean first = random.nextBoolean();
    return Mutator.changeEntries(
        original,
        name -> name.endsWith(".py") && (name.endsWith("__torch__.py") || !first),
        code -> withLine(new String(code, UTF_8), line(random), random).getBytes(UTF_8));
  }

  private static String line(SplittableRandom random) {
    int times = (int) (100 * Math.exp(random.nextDouble() * Math.log(5000)));
    String word = word(random);
    String text = word.repeat(Math.min(times, LONGEST / word.length()));
    String closing = closing(word);
    if (!closing.isEmpty() && random.nextInt(3) > 0) {
      text += "1" + closing.repeat(Math.min(times, LONGEST / word.length()));
    } else if (random.nextInt(3) == 0) {
      text += word(random).repeat(Math.min(times, LONGEST / 20));
    }
    return LINES.get(random.nextInt(LINES.size())).formatted(text);
  }

  /** Those that lie within each other, or hang together, are as many as the others. */
  private static String word(SplittableRandom random) {
    List<String> words = random.nextBoolean() ? NESTING : WORDS;
    return words.get(random.nextInt(words.size()));
  }

  private static String closing(String word) {
    return switch (word.charAt(word.length() - 1)) {
      case '(' -> ")";
      case '[' -> "]";
      case '{' -> "}";
      default -> "";
    };
  }

  /** Before a statement at which a method ends, or after the attributes of a class. */
  private static String withLine(String code, String line, SplittableRandom random) {
    String before = random.nextInt(4) == 0 ? "\n  def " : "\n    return ";
    List<Integer> places = new ArrayList<>();
    for (int at = code.indexOf(before); at >= 0; at = code.indexOf(before, at + 1)) {
      places.add(at + 1);
    }
    if (places.isEmpty()) {
      return code;
    }
    int place = places.get(random.nextInt(places.size()));
    String fitting = before.contains("def") ? line.substring(2) : line;
    return code.substring(0, place) + fitting + code.substring(place);
  }
}
