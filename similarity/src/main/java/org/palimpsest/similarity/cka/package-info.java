/** Centred kernel alignment and distance correlation. */
@NullMarked
package org.palimpsest.similarity.cka;

import org.jspecify.annotations.NullMarked;
