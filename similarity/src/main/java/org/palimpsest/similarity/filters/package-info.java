/** How near two sets of filters are, and whether filters still look random. */
@NullMarked
package org.palimpsest.similarity.filters;

import org.jspecify.annotations.NullMarked;
