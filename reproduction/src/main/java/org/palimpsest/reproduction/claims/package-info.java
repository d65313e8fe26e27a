/**
 * What papers say, each with the rule by which it is judged, stated before anything was measured.
 */
@NullMarked
package org.palimpsest.reproduction.claims;

import org.jspecify.annotations.NullMarked;
