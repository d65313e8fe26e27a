package org.palimpsest.report.plot;

import java.util.ArrayList;
import java.util.List;

/**
 * What stands above a picture.
 *
 * @param title its title; empty if it has none
 * @param facts what a reader must know
 */
record Caption(String title, List<String> facts) {

  Caption {
    facts = List.copyOf(facts);
  }

  static Caption of(String title) {
    return new Caption(title, List.of());
  }

  Caption titled(String text) {
    return new Caption(text, facts);
  }

  Caption with(String fact) {
    List<String> more = new ArrayList<>(facts);
    more.add(fact);
    return new Caption(title, more);
  }

  Caption withIf(boolean holds, String fact) {
    return holds ? with(fact) : this;
  }
}
