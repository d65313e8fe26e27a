/** Loading weights into networks by name. */
@NullMarked
package org.palimpsest.io.weights;

import org.jspecify.annotations.NullMarked;
