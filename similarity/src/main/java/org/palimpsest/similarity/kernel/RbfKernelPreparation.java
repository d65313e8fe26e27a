package org.palimpsest.similarity.kernel;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.linalg.CentredLayer;
import org.palimpsest.similarity.linalg.Centring;
import org.palimpsest.similarity.pairwise.SampleChecks;
import org.palimpsest.similarity.pairwise.SquaredDistances;
import org.palimpsest.similarity.pairwise.Triangle;

/**
 * Makes exp(−d² / (2 F² m)), m the median of all n² squared distances, and centres it.
 *
 * <p>The products behind the distances are float32 if the representation is, of features centred
 * and scaled in float64; all that follows is float64.
 */
record RbfKernelPreparation(double fraction) implements Preparation<CentredKernel> {

  private static final int FEWEST_SAMPLES = 3;

  @Override
  public CentredKernel prepare(Representation representation) {
    RepresentationInfo info = representation.info();
    SampleChecks.requireSamples(info, FEWEST_SAMPLES, "RBF CKA of two samples is always 1");
    double[] values = CentredKernel.allocate(info);
    CentredLayer centred = Centring.ofFeatures().prepare(representation);
    int n = (int) info.samples();
    SquaredDistances.upper(
        centred,
        (i, first, squared) ->
            System.arraycopy(squared, i + 1 - first, values, Triangle.start(n, i), n - i - 1));
    DecayingExponentials.apply(values, values.length - n, bandwidth(values, info));
    return CentredKernel.centre(info, values, 1, false);
  }

  private double bandwidth(double[] squaredDistances, RepresentationInfo info) {
    double median = PairMedian.ofSymmetricMatrix(squaredDistances, (int) info.samples());
    if (median == 0) {
      throw new PalimpsestException(
          "In layer '%s' (%d samples × %d features) more than half of all pairs of samples coincide, so their median distance, the unit of the bandwidth, is 0. Leave repeated samples out, or use linear CKA."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return 2 * fraction * fraction * median;
  }
}
