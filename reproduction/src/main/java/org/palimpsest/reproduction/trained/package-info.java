/** Trained networks, each kept under the hash of all that decided it. */
@NullMarked
package org.palimpsest.reproduction.trained;

import org.jspecify.annotations.NullMarked;
