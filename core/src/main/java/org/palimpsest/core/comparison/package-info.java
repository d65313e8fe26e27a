/** Compares all layers of two networks, preparing each once. */
@NullMarked
package org.palimpsest.core.comparison;

import org.jspecify.annotations.NullMarked;
