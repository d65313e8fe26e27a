package org.palimpsest.examples.cli;

/** How a listing is printed. */
enum ListingFormat {
  TABLE,
  JSON
}
