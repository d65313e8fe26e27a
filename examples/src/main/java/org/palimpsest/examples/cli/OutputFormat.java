package org.palimpsest.examples.cli;

/** How a result is printed. */
enum OutputFormat {
  /** For people. */
  TABLE,
  CSV,
  JSON
}
