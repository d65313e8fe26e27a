/** Networks of one's own: a description of the calls in JSON, and a state dict. */
@NullMarked
package org.palimpsest.io.internal.own;

import org.jspecify.annotations.NullMarked;
