/** Texts from files, as they may be shown. */
@NullMarked
package org.palimpsest.io.text;

import org.jspecify.annotations.NullMarked;
