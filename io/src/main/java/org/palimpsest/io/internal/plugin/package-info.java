/** The importers of plug-ins, guarded. */
@NullMarked
package org.palimpsest.io.internal.plugin;

import org.jspecify.annotations.NullMarked;
