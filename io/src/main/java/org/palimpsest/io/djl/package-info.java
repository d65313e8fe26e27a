/** Networks that DJL runs. Its types appear here and nowhere else. */
@NullMarked
package org.palimpsest.io.djl;

import org.jspecify.annotations.NullMarked;
