/** Small U-Nets: their initialisation, training and checkpoints. */
@NullMarked
package org.palimpsest.reproduction.training;

import org.jspecify.annotations.NullMarked;
