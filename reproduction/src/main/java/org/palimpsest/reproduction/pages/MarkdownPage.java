package org.palimpsest.reproduction.pages;

import java.util.List;
import java.util.stream.Collectors;

/** Blocks as Markdown. */
final class MarkdownPage {

  private MarkdownPage() {}

  static String of(List<PagePart> blocks) {
    return blocks.stream().map(MarkdownPage::block).collect(Collectors.joining("\n\n")) + "\n";
  }

  private static String block(PagePart block) {
    if (block instanceof PagePart.Heading heading) {
      return "#".repeat(heading.level()) + " " + heading.text();
    }
    if (block instanceof PagePart.Paragraph paragraph) {
      return paragraph.text();
    }
    if (block instanceof PagePart.Items items) {
      return items.texts().stream().map(text -> "- " + text).collect(Collectors.joining("\n"));
    }
    if (block instanceof PagePart.Grid grid) {
      return grid(grid);
    }
    PagePart.Image image = (PagePart.Image) block;
    return "![%s](%s)".formatted(image.caption(), image.file());
  }

  private static String grid(PagePart.Grid grid) {
    String caption = grid.caption().isEmpty() ? "" : grid.caption() + "\n\n";
    String rule = "| " + "--- | ".repeat(grid.header().size()).strip();
    String rows = grid.rows().stream().map(MarkdownPage::row).collect(Collectors.joining("\n"));
    return caption + row(grid.header()) + "\n" + rule + "\n" + rows;
  }

  private static String row(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
