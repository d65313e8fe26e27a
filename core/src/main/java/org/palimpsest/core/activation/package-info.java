/** What layers answer to the probes, and what can be asked for it. */
@NullMarked
package org.palimpsest.core.activation;

import org.jspecify.annotations.NullMarked;
