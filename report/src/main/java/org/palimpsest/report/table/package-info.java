/** Results as tables: JSON, CSV, and text for terminals. */
@NullMarked
package org.palimpsest.report.table;

import org.jspecify.annotations.NullMarked;
