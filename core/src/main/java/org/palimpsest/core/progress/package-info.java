/** How far long work has come. */
@NullMarked
package org.palimpsest.core.progress;

import org.jspecify.annotations.NullMarked;
