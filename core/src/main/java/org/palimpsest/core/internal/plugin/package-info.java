/** Jars of plug-ins, and what they provide. */
@NullMarked
package org.palimpsest.core.internal.plugin;

import org.jspecify.annotations.NullMarked;
