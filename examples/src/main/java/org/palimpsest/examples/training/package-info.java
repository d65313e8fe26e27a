/** Small U-Nets: their initialisation, training and checkpoints. */
@NullMarked
package org.palimpsest.examples.training;

import org.jspecify.annotations.NullMarked;
