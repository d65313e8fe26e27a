/** The folder in which a study keeps what it has found out. */
@NullMarked
package org.palimpsest.io.study;

import org.jspecify.annotations.NullMarked;
