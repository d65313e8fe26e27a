/** Loading weights into networks by name. */
@NullMarked
package org.palimpsest.io.internal.weights;

import org.jspecify.annotations.NullMarked;
