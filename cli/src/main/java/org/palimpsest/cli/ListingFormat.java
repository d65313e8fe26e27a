package org.palimpsest.cli;

/** How a listing is printed. */
enum ListingFormat {
  TABLE,
  JSON
}
