/** Representational similarity analysis: distances between samples, compared between layers. */
@NullMarked
package org.palimpsest.similarity.rsa;

import org.jspecify.annotations.NullMarked;
