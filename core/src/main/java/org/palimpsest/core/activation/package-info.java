/** The outputs of layers for the probes, and who gives them. */
@NullMarked
package org.palimpsest.core.activation;

import org.jspecify.annotations.NullMarked;
