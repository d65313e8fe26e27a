package org.palimpsest.similarity.cka;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.LayerTable;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HsicJackknife;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.pairwise.InnerProducts;

/**
 * A function of the inner product of two centred kernels of unit norm.
 *
 * @param preparation makes the kernel of a layer
 * @param properties what the measure promises
 * @param intervalEstimator makes its intervals
 * @param isRoot whether the value is the root of the inner product, which lies in [0, 1] but for
 *     rounding
 */
record CentredKernelComputation(
    Preparation<CentredKernel> preparation,
    MeasureProperties properties,
    IntervalEstimator<CentredKernel, ?> intervalEstimator,
    boolean isRoot)
    implements Computation<CentredKernel>, HasInterval<CentredKernel> {

  /** The inner product of Gaussian kernels whose bandwidth is a multiple of the median. */
  static CentredKernelComputation ofGaussian(
      Preparation<CentredKernel> preparation, MeasureProperties properties) {
    return new CentredKernelComputation(
        preparation, properties, HsicJackknife.ofBiased(CentredKernel::gaussianByImages), false);
  }

  /** The root of the inner product. */
  static CentredKernelComputation ofRoot(
      Preparation<CentredKernel> preparation, MeasureProperties properties) {
    return new CentredKernelComputation(
        preparation, properties, HsicJackknife.ofRoot(CentredKernel::byImages), true);
  }

  @Override
  public Score compare(CentredKernel a, CentredKernel b) {
    a.info().requireSameSamples(b.info());
    return score(InnerProducts.of(a.vector(), b.vector()), a);
  }

  @Override
  public List<List<Score>> compareAll(LayerTable<CentredKernel> layers) {
    List<CentredKernel> rows = layers.rows();
    List<CentredKernel> columns = layers.columns();
    rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
    double[][] products =
        InnerProducts.of(
            rows.stream().map(CentredKernel::vector).toList(),
            columns.stream().map(CentredKernel::vector).toList());
    List<List<Score>> scores = new ArrayList<>();
    for (double[] row : products) {
      List<Score> ofRow = new ArrayList<>();
      for (double product : row) {
        ofRow.add(score(product, rows.get(0)));
      }
      scores.add(ofRow);
    }
    return scores;
  }

  private Score score(double innerProduct, CentredKernel of) {
    double inRange = Math.max(0, Math.min(1, innerProduct));
    double value = isRoot ? Math.sqrt(inRange) : inRange;
    return Score.of(value, properties, Diagnostics.of(of.info().samples()));
  }

  @Override
  public List<String> cautions(CentredKernel a, CentredKernel b, Score score) {
    return FewSamples.of(a.info(), b.info())
        .kernels(a.traceOverNorm(), b.traceOverNorm(), score.value(), isRoot);
  }
}
