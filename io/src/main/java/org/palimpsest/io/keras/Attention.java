package org.palimpsest.io.keras;

import java.util.List;

/** Attention: keras/src/layers/attention. */
final class Attention {

  static final List<Row> ROWS = List.of();

  private Attention() {}
}
