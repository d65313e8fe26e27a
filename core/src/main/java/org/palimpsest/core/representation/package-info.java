/** From feature maps to matrices of samples and features. */
@NullMarked
package org.palimpsest.core.representation;

import org.jspecify.annotations.NullMarked;
