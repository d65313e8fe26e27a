/** The fixed inputs that every model sees. */
@NullMarked
package org.palimpsest.core.probe;

import org.jspecify.annotations.NullMarked;
