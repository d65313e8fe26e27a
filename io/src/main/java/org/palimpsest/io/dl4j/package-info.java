/** Networks of Deeplearning4j, live or saved, and through it those of Keras. */
@NullMarked
package org.palimpsest.io.dl4j;

import org.jspecify.annotations.NullMarked;
