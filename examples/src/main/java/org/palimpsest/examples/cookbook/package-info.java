/** One main class for each thing that a user wants to do; {@code docs/cookbook.md} shows them. */
@NullMarked
package org.palimpsest.examples.cookbook;

import org.jspecify.annotations.NullMarked;
