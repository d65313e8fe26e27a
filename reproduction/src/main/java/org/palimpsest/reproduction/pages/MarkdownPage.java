package org.palimpsest.reproduction.pages;

import java.util.List;
import java.util.stream.Collectors;

/** Blocks as Markdown. */
final class MarkdownPage {

  private MarkdownPage() {}

  static String of(List<Block> blocks) {
    return blocks.stream().map(MarkdownPage::block).collect(Collectors.joining("\n\n")) + "\n";
  }

  private static String block(Block block) {
    if (block instanceof Block.Heading heading) {
      return "#".repeat(heading.level()) + " " + heading.text();
    }
    if (block instanceof Block.Paragraph paragraph) {
      return paragraph.text();
    }
    if (block instanceof Block.Items items) {
      return items.texts().stream().map(text -> "- " + text).collect(Collectors.joining("\n"));
    }
    if (block instanceof Block.Grid grid) {
      return grid(grid);
    }
    Block.Image image = (Block.Image) block;
    return "![%s](%s)".formatted(image.caption(), image.file());
  }

  private static String grid(Block.Grid grid) {
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
