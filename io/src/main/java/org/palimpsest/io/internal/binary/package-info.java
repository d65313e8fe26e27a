/** What the readers of binary formats share. */
@NullMarked
package org.palimpsest.io.internal.binary;

import org.jspecify.annotations.NullMarked;
