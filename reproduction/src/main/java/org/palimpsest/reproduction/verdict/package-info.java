/** Claims, and what figures with intervals say about them by rules that were stated before. */
@NullMarked
package org.palimpsest.reproduction.verdict;

import org.jspecify.annotations.NullMarked;
