/** The reproduction of a paper: which networks are trained, and what the claims come to on them. */
@NullMarked
package org.palimpsest.reproduction;

import org.jspecify.annotations.NullMarked;
