/** Image files: what they hold is checked before the JDK decodes it, and read as numbers. */
@NullMarked
package org.palimpsest.io.internal.image;

import org.jspecify.annotations.NullMarked;
