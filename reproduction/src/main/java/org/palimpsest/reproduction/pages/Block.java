package org.palimpsest.reproduction.pages;

import java.util.List;

/** A part of a page. */
sealed interface Block {

  /**
   * @param level 1 for the page's own
   */
  record Heading(int level, String text) implements Block {}

  record Paragraph(String text) implements Block {}

  record Items(List<String> texts) implements Block {}

  record Grid(String caption, List<String> header, List<List<String>> rows) implements Block {}

  /**
   * @param file relative to the page
   */
  record Image(String file, String caption) implements Block {}
}
