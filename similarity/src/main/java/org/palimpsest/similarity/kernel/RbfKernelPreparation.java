package org.palimpsest.similarity.kernel;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.pairwise.PairValues;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;
import org.palimpsest.similarity.internal.pairwise.SquaredDistances;
import org.palimpsest.similarity.internal.pairwise.Triangle;

/**
 * Makes exp(−d² / (2 F² m)), m the median of all n² squared distances, and centres it.
 *
 * <p>Of many samples what is kept is float32 if the layer is, and of large layers the products
 * behind the distances, too; all arithmetic on them is float64. One is taken off the kernel, which
 * its centring does not notice: of a wide kernel, all of whose values are near one, float32 keeps
 * its digits then.
 */
record RbfKernelPreparation(double fraction) implements Preparation<CentredKernel> {

  private static final int FEWEST_SAMPLES = 3;
  private static final int MANY_PAIRS = 1 << 18;

  @Override
  public CentredKernel prepare(Representation representation) {
    RepresentationInfo info = representation.info();
    SampleChecks.requireSamples(info, FEWEST_SAMPLES, "RBF CKA of two samples is always 1");
    CentredLayer centred = Centring.ofFeatures().prepare(representation);
    PairValues values = CentredKernel.allocate(typeFor(representation), info);
    int n = (int) info.samples();
    SquaredDistances.upper(
        centred,
        (i, first, squared) ->
            values.write(Triangle.start(n, i), squared, i + 1 - first, n - i - 1));
    double bandwidth = bandwidth(values, info);
    return CentredKernel.centre(
        info, values, (row, count) -> DecayingExponentials.lessOne(row, count, bandwidth), 0);
  }

  /** Float32 only where there are so many pairs that the time to read them counts. */
  private static DataType typeFor(Representation representation) {
    return Triangle.size(representation.samples()) > MANY_PAIRS
        ? TensorReader.readableType(representation.matrix().dataType())
        : DataType.DOUBLE;
  }

  private double bandwidth(PairValues squaredDistances, RepresentationInfo info) {
    double median = PairMedian.ofSymmetricMatrix(squaredDistances, (int) info.samples());
    if (median == 0) {
      throw new PalimpsestException(
          "In layer '%s' (%d samples × %d features) more than half of all pairs of samples coincide, so their median distance, the unit of the bandwidth, is 0. Leave repeated samples out, or use linear CKA."
              .formatted(info.layer(), info.samples(), info.features()));
    }
    return 2 * fraction * fraction * median;
  }

  @Override
  public Optional<PreparedFormat<CentredKernel>> format() {
    return Optional.of(new CentredKernel.Format());
  }
}
