/** Images with masks, and tasks that hand them out. */
@NullMarked
package org.palimpsest.examples.images;

import org.jspecify.annotations.NullMarked;
