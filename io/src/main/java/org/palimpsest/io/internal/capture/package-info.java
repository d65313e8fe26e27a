/** What all networks share that are shown probes batch by batch. */
@NullMarked
package org.palimpsest.io.internal.capture;

import org.jspecify.annotations.NullMarked;
