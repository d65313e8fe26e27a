/** What measures over pairs of samples share: products, distances and triangles, block by block. */
@NullMarked
package org.palimpsest.similarity.internal.pairwise;

import org.jspecify.annotations.NullMarked;
