/** Native libraries, loaded so that no thread waits for ever. */
@NullMarked
package org.palimpsest.core.internal.natives;

import org.jspecify.annotations.NullMarked;
