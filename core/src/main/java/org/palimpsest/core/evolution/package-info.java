/** Training runs and what they saved along the way. */
@NullMarked
package org.palimpsest.core.evolution;

import org.jspecify.annotations.NullMarked;
