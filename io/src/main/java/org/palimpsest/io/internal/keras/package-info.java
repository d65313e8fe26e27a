/** Networks that Keras saved, by a table of its layers. */
@NullMarked
package org.palimpsest.io.internal.keras;

import org.jspecify.annotations.NullMarked;
