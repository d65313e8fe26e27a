/** Images with masks, and tasks that hand them out. */
@NullMarked
package org.palimpsest.reproduction.images;

import org.jspecify.annotations.NullMarked;
