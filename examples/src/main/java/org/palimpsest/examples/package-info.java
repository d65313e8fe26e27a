/** Main classes: each answers one question on networks that it trains itself, or on yours. */
@NullMarked
package org.palimpsest.examples;

import org.jspecify.annotations.NullMarked;
