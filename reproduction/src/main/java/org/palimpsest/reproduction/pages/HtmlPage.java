package org.palimpsest.reproduction.pages;

import java.util.List;
import java.util.stream.Collectors;

/** Blocks as a page of HTML. */
final class HtmlPage {

  private static final String FRAME =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>%s</title>
      <style>
      body { font: 16px/1.5 sans-serif; color: #222; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; margin: 1rem 0; font-size: 14px; display: block; overflow-x: auto; }
      caption { text-align: left; padding: .3rem 0; }
      th, td { text-align: left; padding: .2rem .7rem .2rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
      figure { margin: 1rem 0; }
      img { max-width: 100%%; }
      figcaption { font-size: 14px; color: #555; }
      pre { background: #f4f4f4; padding: .6rem; overflow-x: auto; }
      h2 { margin-top: 3rem; }
      </style>
      </head>
      <body>
      %s
      </body>
      </html>
      """;

  private HtmlPage() {}

  static String of(String title, List<PagePart> blocks) {
    String body = blocks.stream().map(HtmlPage::block).collect(Collectors.joining("\n"));
    return FRAME.formatted(escaped(title), body);
  }

  private static String block(PagePart block) {
    if (block instanceof PagePart.Heading heading) {
      return "<h%s>%s</h%s>".formatted(heading.level(), escaped(heading.text()), heading.level());
    }
    if (block instanceof PagePart.Paragraph paragraph) {
      return "<p>" + inline(paragraph.text()) + "</p>";
    }
    if (block instanceof PagePart.Items items) {
      return items.texts().stream()
          .map(text -> "<li>" + inline(text) + "</li>")
          .collect(Collectors.joining("\n", "<ul>\n", "\n</ul>"));
    }
    if (block instanceof PagePart.Grid grid) {
      return grid(grid);
    }
    PagePart.Image image = (PagePart.Image) block;
    return "<figure><img src=\"%s\" alt=\"%s\"><figcaption>%s</figcaption></figure>"
        .formatted(escaped(image.file()), escaped(image.caption()), escaped(image.caption()));
  }

  private static String grid(PagePart.Grid grid) {
    String caption =
        grid.caption().isEmpty() ? "" : "<caption>" + inline(grid.caption()) + "</caption>\n";
    String rows = grid.rows().stream().map(row -> row("td", row)).collect(Collectors.joining("\n"));
    return "<table>\n" + caption + row("th", grid.header()) + "\n" + rows + "\n</table>";
  }

  private static String row(String element, List<String> cells) {
    return cells.stream()
        .map(cell -> "<%s>%s</%s>".formatted(element, inline(cell), element))
        .collect(Collectors.joining("", "<tr>", "</tr>"));
  }

  /** Understands bold and code, as Markdown writes them. */
  private static String inline(String text) {
    return escaped(text)
        .replaceAll("\\*\\*([^*]+)\\*\\*", "<strong>$1</strong>")
        .replaceAll("`([^`]+)`", "<code>$1</code>");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
