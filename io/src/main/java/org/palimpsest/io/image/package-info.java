/** Images and volumes as probes, with their pre-processing stated. */
@NullMarked
package org.palimpsest.io.image;

import org.jspecify.annotations.NullMarked;
