/** Internal: centring, products, decompositions. Nothing here is meant for users of the library. */
@NullMarked
package org.palimpsest.similarity.linalg;

import org.jspecify.annotations.NullMarked;
