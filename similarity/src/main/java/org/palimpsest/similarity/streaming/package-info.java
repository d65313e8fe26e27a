/**
 * Comparisons in one pass over data that does not fit into memory: co-moments that are gathered
 * batch by batch, merged and kept in files.
 */
@NullMarked
package org.palimpsest.similarity.streaming;

import org.jspecify.annotations.NullMarked;
