/** Networks of Deeplearning4j, live or saved. */
@NullMarked
package org.palimpsest.io.dl4j;

import org.jspecify.annotations.NullMarked;
