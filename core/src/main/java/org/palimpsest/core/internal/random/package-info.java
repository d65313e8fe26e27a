/** Random numbers that do not depend on the number of threads. */
@NullMarked
package org.palimpsest.core.internal.random;

import org.jspecify.annotations.NullMarked;
