/** What a measure of similarity or distance is. */
@NullMarked
package org.palimpsest.core.measure;

import org.jspecify.annotations.NullMarked;
