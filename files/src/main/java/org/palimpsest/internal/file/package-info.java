/** Files: telling what they are, hashing them, and writing them whole or not at all. */
@NullMarked
package org.palimpsest.internal.file;

import org.jspecify.annotations.NullMarked;
