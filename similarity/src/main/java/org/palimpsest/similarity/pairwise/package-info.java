/** What measures over pairs of samples share: products, distances and triangles, block by block. */
@NullMarked
package org.palimpsest.similarity.pairwise;

import org.jspecify.annotations.NullMarked;
