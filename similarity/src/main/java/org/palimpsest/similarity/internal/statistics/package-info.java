/**
 * What claims about networks are judged by: the designs of studies, each of which makes {@link
 * org.palimpsest.similarity.statistics.Estimate estimates} and judgements of what was measured of
 * each network.
 */
@NullMarked
package org.palimpsest.similarity.internal.statistics;

import org.jspecify.annotations.NullMarked;
