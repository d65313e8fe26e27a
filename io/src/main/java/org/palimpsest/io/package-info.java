/** Opens whatever file it is given. */
@NullMarked
package org.palimpsest.io;

import org.jspecify.annotations.NullMarked;
