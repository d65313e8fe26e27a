package org.palimpsest.internal.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The little HTML that pages of results are made of: tables and lists, every text escaped. */
public final class Html {

  private Html() {}

  /** A text with what has a meaning in HTML, or cannot be seen, written out. */
  public static String escaped(String text) {
    return VisibleText.of(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  /** An element around content that is HTML already. */
  public static String element(String name, String content) {
    return "<" + name + ">" + content + "</" + name + ">";
  }

  /** A paragraph of plain text. */
  public static String paragraph(String text) {
    return element("p", escaped(text)) + "\n";
  }

  /** A list of plain texts; nothing if there are none. */
  public static String list(List<String> texts) {
    return texts.isEmpty() ? "" : element("ul", joined(texts, t -> element("li", escaped(t))));
  }

  /** Columns with a heading each; cells that look like numbers stand to the right. */
  public static String table(List<String> headings, List<List<String>> rows) {
    String head = element("tr", joined(headings, h -> "<th scope=\"col\">" + escaped(h) + "</th>"));
    String body = joined(rows, row -> element("tr", joined(row, Html::cell)) + "\n");
    return "<div class=\"scroll\" tabindex=\"0\"><table><thead>"
        + head
        + "</thead><tbody>\n"
        + body
        + "</tbody></table></div>\n";
  }

  /** Names to the left, what they are to the right. */
  public static String facts(List<Fact> facts) {
    List<String> lines = new ArrayList<>();
    for (Fact fact : facts) {
      lines.add(element("dt", escaped(fact.name())) + element("dd", escaped(fact.value())));
    }
    return "<dl>" + String.join("\n", lines) + "</dl>\n";
  }

  /** One line of {@link #facts}. */
  public record Fact(String name, String value) {}

  private static String cell(String text) {
    boolean number = text.matches("[-−<]?[0-9][0-9.,e+-]*");
    return (number ? "<td class=\"number\">" : "<td>") + escaped(text) + "</td>";
  }

  private static <T> String joined(List<T> parts, Function<T, String> wrap) {
    return parts.stream().map(wrap).collect(Collectors.joining());
  }
}
