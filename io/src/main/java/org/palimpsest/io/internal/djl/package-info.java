/** Where DJL's blocks report to while they are watched. */
@NullMarked
package org.palimpsest.io.internal.djl;

import org.jspecify.annotations.NullMarked;
