/** Internal: centring, products, decompositions. Nothing here is meant for users of the library. */
@NullMarked
package org.palimpsest.similarity.internal.linalg;

import org.jspecify.annotations.NullMarked;
