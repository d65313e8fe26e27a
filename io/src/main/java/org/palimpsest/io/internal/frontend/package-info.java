/** All kinds of files and folders from which networks are built, and what is done with them. */
@NullMarked
package org.palimpsest.io.internal.frontend;

import org.jspecify.annotations.NullMarked;
