/** Activations in files whose layers are read one by one. */
@NullMarked
package org.palimpsest.io.internal.dump;

import org.jspecify.annotations.NullMarked;
