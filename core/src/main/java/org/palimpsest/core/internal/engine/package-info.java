/**
 * The engine that makes all tables of scores, of two networks and of studies: prepared layers are
 * kept within a bound of memory, and blocks of them are compared on all cores.
 */
@NullMarked
package org.palimpsest.core.internal.engine;

import org.jspecify.annotations.NullMarked;
