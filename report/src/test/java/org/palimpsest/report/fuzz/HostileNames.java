package org.palimpsest.report.fuzz;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Names that attack what shows them: terminals, spreadsheets, pages, pictures, file systems. Pieces
 * that are known to do harm, in any order, with letters between.
 */
public final class HostileNames {

  private static final List<String> PIECES =
      List.of(
          "\u001b[31m",
          "\u001b]0;title\u0007",
          "\u001b[2J\u001b[H",
          "\u009b31m",
          "\u0000",
          "\u007f",
          "\r",
          "\n",
          "\r\nwarning: forged",
          "\t",
          "\u2028",
          "\u2029",
          "\u0085",
          "\u202e",
          "\u2066",
          "\u200f",
          "\u200b",
          "\ufeff",
          "\ud83d",
          "\udc00",
          "\ud83d\ude00",
          "\udb40\udc41",
          "\uffff",
          "=1+1",
          "+1",
          "-2+3",
          "@SUM(1)",
          "=cmd|' /C calc'!A0",
          "\uff1d1",
          "\"",
          "'",
          ",",
          ";",
          "|",
          "</script><script>window.ran=1</script>",
          "<img src=x onerror=window.ran=1>",
          "<svg onload=window.ran=1>",
          "<!--",
          "]]>",
          "&amp;",
          "&#x3c;b&#x3e;",
          "{{data}}",
          "$1",
          "\\u003c",
          "\\",
          "%s%n",
          "../../x",
          "..\\..\\x",
          "/etc/passwd",
          "C:\\x",
          "__proto__",
          "constructor",
          " ",
          "conv");

  private final Random random;

  public HostileNames(long seed) {
    this.random = new Random(seed);
  }

  /** A name of a few pieces; one in twenty is very long. */
  public String next() {
    StringBuilder name = new StringBuilder();
    int pieces = 1 + random.nextInt(4);
    for (int i = 0; i < pieces; i++) {
      name.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return random.nextInt(20) == 0 ? name + "x".repeat(3000) : name.toString();
  }

  /** That many different names. */
  public List<String> next(int count) {
    Set<String> names = new LinkedHashSet<>();
    while (names.size() < count) {
      names.add(next());
    }
    return List.copyOf(names);
  }
}
