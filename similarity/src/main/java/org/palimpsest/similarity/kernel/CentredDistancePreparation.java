package org.palimpsest.similarity.kernel;

import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.pairwise.SampleChecks;
import org.palimpsest.similarity.pairwise.SampleRows;
import org.palimpsest.similarity.pairwise.SquaredDistances;
import org.palimpsest.similarity.pairwise.Triangle;

/** Makes the matrix of euclidean distances between samples and centres it. */
record CentredDistancePreparation() implements Preparation<CentredKernel> {

  private static final int FEWEST_SAMPLES = 3;

  @Override
  public CentredKernel prepare(Representation representation) {
    RepresentationInfo info = representation.info();
    SampleChecks.requireSamples(
        info, FEWEST_SAMPLES, "the distance correlation of two samples is always 1");
    double[] values = CentredKernel.allocate(info);
    SampleRows rows = SampleChecks.varyingRows(representation).centred();
    int n = rows.count();
    SquaredDistances.upper(
        rows.dividedBy(rows.powerOfTwoScale()),
        (i, first, squared) -> {
          int start = Triangle.start(n, i) - i - 1;
          for (int j = i + 1; j < n; j++) {
            values[start + j] = Math.sqrt(squared[j - first]);
          }
        });
    return CentredKernel.centre(info, values, 0, true);
  }
}
