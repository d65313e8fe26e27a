/** How a package of measures offers them by name. */
@NullMarked
package org.palimpsest.similarity.catalogue;

import org.jspecify.annotations.NullMarked;
