/** Pictures of results, as PNG and SVG, all in one style. */
@NullMarked
package org.palimpsest.report.plot;

import org.jspecify.annotations.NullMarked;
