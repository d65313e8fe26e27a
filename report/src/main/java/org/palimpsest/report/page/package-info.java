/** What a study found out, as a folder of pictures and one page that needs no network. */
@NullMarked
package org.palimpsest.report.page;

import org.jspecify.annotations.NullMarked;
