/** The words that every other package speaks. */
@NullMarked
package org.palimpsest.core;

import org.jspecify.annotations.NullMarked;
