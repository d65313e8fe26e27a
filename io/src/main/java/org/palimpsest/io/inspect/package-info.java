/** What can be told of a file without running it. */
@NullMarked
package org.palimpsest.io.inspect;

import org.jspecify.annotations.NullMarked;
