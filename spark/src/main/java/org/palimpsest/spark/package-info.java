/** Comparisons and studies whose work is done by Spark, on one machine or many. */
@NullMarked
package org.palimpsest.spark;

import org.jspecify.annotations.NullMarked;
