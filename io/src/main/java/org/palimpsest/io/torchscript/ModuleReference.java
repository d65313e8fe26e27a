package org.palimpsest.io.torchscript;

import org.jspecify.annotations.Nullable;

/**
 * A module that an expression stands for.
 *
 * @param type its class, unless the code does not tell (an element of a list, chosen at run time)
 * @param path an expression for its path
 */
record ModuleReference(@Nullable ScriptClass type, String path) {}
