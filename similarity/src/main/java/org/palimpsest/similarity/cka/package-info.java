/** Centred kernel alignment. */
@NullMarked
package org.palimpsest.similarity.cka;

import org.jspecify.annotations.NullMarked;
