/** Finds training runs and their checkpoints in folders. */
@NullMarked
package org.palimpsest.io.runs;

import org.jspecify.annotations.NullMarked;
