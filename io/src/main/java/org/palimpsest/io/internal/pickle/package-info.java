/**
 * Reads Python pickles without Python and without ever calling anything that they name.
 *
 * <p>Objects of unknown classes become opaque values; names that only an attack needs are refused.
 */
@NullMarked
package org.palimpsest.io.internal.pickle;

import org.jspecify.annotations.NullMarked;
