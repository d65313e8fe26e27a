/** Texts from files, as they may be shown. */
@NullMarked
package org.palimpsest.internal.text;

import org.jspecify.annotations.NullMarked;
