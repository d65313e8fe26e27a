/** Experiments on transfer: which networks are trained, and what is compared. */
@NullMarked
package org.palimpsest.reproduction.experiment;

import org.jspecify.annotations.NullMarked;
