/** Networks of known classes, from a description in JSON and a state dict. */
@NullMarked
package org.palimpsest.io.internal.architecture;

import org.jspecify.annotations.NullMarked;
