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
          "f(", "(", "[", "{", ")", "]", "()", "f(1), ", "1, ", "x, ", ", ", " ", "x", "\"", "\\",
          "\\\"", "\"a\", ", "torch.", ".a", "a.b", "torch.add(", "torch.dropout(", "(x).", "(m).g(",
          "not ", "-", "x + ", "x if x else ", "List[", "Optional[", "Tuple[int, ", "getattr(",
          "getattr(x, \"0\").", "__torch__.", "annotate(", "unchecked_cast(", "ops.prim.", "lambda ",
          "for i in ", "\u00e9", "0", "9", "1e", "#", ";", ":", "=", "\t");

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
    List<String> codes = List.of("__torch__.py", "conv.py", "container.py", "linear.py");
    String chosen = codes.get(random.nextInt(codes.size()));
    return Mutator.changeEntries(
        original,
        name -> name.endsWith(chosen),
        code -> withLine(new String(code, UTF_8), line(random), random).getBytes(UTF_8));
  }

  private static String line(SplittableRandom random) {
    int times = (int) Math.exp(random.nextDouble() * Math.log(400_000));
    String word = WORDS.get(random.nextInt(WORDS.size()));
    String text = word.repeat(Math.min(times, 1_000_000 / word.length()));
    if (random.nextInt(3) == 0) {
      text += WORDS.get(random.nextInt(WORDS.size())).repeat(Math.min(times, 100_000));
    } else if (random.nextBoolean()) {
      text += "1" + closing(word).repeat(Math.min(times, 1_000_000));
    }
    return LINES.get(random.nextInt(LINES.size())).formatted(text);
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
    int place = places.get(random.nextInt(places.size()));
    String fitting = before.contains("def") ? line.substring(2) : line;
    return code.substring(0, place) + fitting + code.substring(place);
  }
}
