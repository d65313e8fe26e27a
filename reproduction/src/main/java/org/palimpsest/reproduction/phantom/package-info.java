/** Small synthetic medical-like images with masks, drawn from a seed. */
@NullMarked
package org.palimpsest.reproduction.phantom;

import org.jspecify.annotations.NullMarked;
