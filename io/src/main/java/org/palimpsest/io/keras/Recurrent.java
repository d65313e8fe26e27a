package org.palimpsest.io.keras;

import java.util.List;

/** Recurrent layers: keras/src/layers/rnn. */
final class Recurrent {

  static final List<Row> ROWS = List.of();

  private Recurrent() {}
}
