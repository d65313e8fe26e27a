/** Networks of torchvision, from the arguments of the functions that make them. */
@NullMarked
package org.palimpsest.io.internal.torchvision;

import org.jspecify.annotations.NullMarked;
