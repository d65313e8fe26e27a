/** Importers of one's own. */
@NullMarked
package org.palimpsest.io.plugin;

import org.jspecify.annotations.NullMarked;
