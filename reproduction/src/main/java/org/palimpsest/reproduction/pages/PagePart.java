package org.palimpsest.reproduction.pages;

import java.util.List;

/** A part of a page. */
sealed interface PagePart {

  /**
   * @param level 1 for the page's own
   */
  record Heading(int level, String text) implements PagePart {}

  record Paragraph(String text) implements PagePart {}

  record Items(List<String> texts) implements PagePart {}

  record Grid(String caption, List<String> header, List<List<String>> rows) implements PagePart {}

  /**
   * @param file relative to the page
   */
  record Image(String file, String caption) implements PagePart {}
}
