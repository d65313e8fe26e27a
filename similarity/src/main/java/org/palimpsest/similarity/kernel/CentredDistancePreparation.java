package org.palimpsest.similarity.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.pairwise.PairValues;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SampleRows;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/** Makes the matrix of euclidean distances between samples and centres it. */
record CentredDistancePreparation() implements Preparation<CentredKernel> {

  private static final int FEWEST_SAMPLES = 3;

  @Override
  public CentredKernel prepare(Representation representation) {
    RepresentationInfo info = representation.info();
    SampleChecks.requireSamples(
        info, FEWEST_SAMPLES, "the distance correlation of two samples is always 1");
    PairValues values = CentredKernel.allocate(DataType.DOUBLE, info);
    SampleRows rows = SampleChecks.varyingRows(representation).centred();
    int n = rows.count();
    SquaredDistances.upper(
        rows.dividedBy(rows.powerOfTwoScale()),
        (i, first, squared) ->
            values.write(Triangle.start(n, i), squared, i + 1 - first, n - i - 1));
    return CentredKernel.centre(info, values, CentredDistancePreparation::roots, 0);
  }

  private static void roots(double[] row, int count) {
    for (int k = 0; k < count; k++) {
      row[k] = Math.sqrt(row[k]);
    }
  }

  @Override
  public Optional<PreparedFormat<CentredKernel>> format() {
    return Optional.of(new CentredKernel.Format());
  }
}
