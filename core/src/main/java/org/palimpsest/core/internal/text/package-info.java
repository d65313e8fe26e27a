/** Words of messages. */
@NullMarked
package org.palimpsest.core.internal.text;

import org.jspecify.annotations.NullMarked;
