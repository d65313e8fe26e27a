/** The safetensors format: a JSON header, then the numbers of named tensors. */
@NullMarked
package org.palimpsest.io.internal.safetensors;

import org.jspecify.annotations.NullMarked;
