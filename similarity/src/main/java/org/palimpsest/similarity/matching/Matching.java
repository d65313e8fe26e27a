package org.palimpsest.similarity.matching;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ZERO_PADDING;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearAssignment;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/**
 * Measures that match single features of one layer with those of another.
 *
 * <p>Measures of equal settings are equal; {@code name()} is what {@code Measures.parse} reads.
 */
public final class Matching {

  private Matching() {}

  /**
   * The mean Pearson correlation of features under the one-to-one assignment of the features of one
   * layer (n × p) to those of the other (n × q) that maximises it; of layers of unequal width, over
   * the features of the narrower one.
   *
   * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice translations,
   * positive scaling and the order of features; rotations it does. The best of many correlations is
   * large by chance where samples are few; such values carry a warning.
   *
   * <p>A feature that never varies correlates 0 with everything, and the score says so. Fewer than
   * three samples are refused. Cost: n p for each layer once, n p q and an assignment, O(max(p,
   * q)³) at worst, for a pair.
   *
   * <p>It asks whether two networks have the same single units, not the same space: layers that are
   * rotated against each other may have a low value here and a linear CKA of 1. Of convolutions
   * with positions as samples a feature is a channel.
   *
   * <pre>{@code
   * Score score = Matching.hardCorrelation().compare(before, after);
   * }</pre>
   *
   * @see <a href="https://arxiv.org/abs/1511.07543">Li et al. 2015, Convergent Learning, section
   *     3.2</a>
   */
  public static Measure<Prepared> hardCorrelation() {
    return new HardCorrelationMatch();
  }

  /**
   * The mean Pearson correlation of each feature with the feature of the other layer that
   * correlates most, averaged over the features of one layer (n × p), over those of the other (n ×
   * q), and then over both layers.
   *
   * <p>It lies within [−1, 1], has no unit, is symmetric, and does not notice translations,
   * positive scaling and the order of features; rotations it does. Several features may have the
   * same best match. The best of many correlations is large by chance where samples are few; such
   * values carry a warning.
   *
   * <p>A feature that never varies correlates 0 with everything, and the score says so. Fewer than
   * three samples are refused. Cost: n p for each layer once, n p q for a pair.
   *
   * <p>It is at least as large as the {@link #hardCorrelation} of layers of equal width; the two
   * are equal where the best match of each feature is its partner there.
   *
   * @see <a href="https://arxiv.org/abs/1511.07543">Li et al. 2015, Convergent Learning, section
   *     3.3</a>
   */
  public static Measure<Prepared> softCorrelation() {
    return new SoftCorrelationMatch();
  }

  /**
   * The least Frobenius distance min |X − YP| over permutations P of the features, of raw columns
   * (n × p and n × q), the narrower layer padded with zeros.
   *
   * <p>It is 0 for layers that differ in the order of their features alone, has no upper bound, is
   * in the units of the layers and is a symmetric metric. It notices rotations, scaling and
   * translations: large feature means dominate it, since nothing is centred.
   *
   * <p>Products are float64. An assignment for which the heap has no room is refused. Cost: n p for
   * each layer once, n p q and an assignment, O(max(p, q)³) at worst, for a pair.
   *
   * @see <a href="https://arxiv.org/abs/2110.14739">Williams et al. 2021, section 2, with the group
   *     of permutations</a>
   */
  public static Measure<Prepared> permutationProcrustes() {
    return new PermutationProcrustes();
  }

  private record HardCorrelationMatch() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.similarity("Mean correlation of features matched one to one.")
            .range(new Range(-1, 1))
            .ignores(FEATURE_PERMUTATION, ISOTROPIC_SCALING, TRANSLATION, SAMPLE_REORDERING_IN_BOTH)
            .notices(ROTATION, INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE)
            .source(
                "Li et al. 2015, Convergent Learning: Do different neural networks learn the same"
                    + " representations?")
            .cost("prepare np, compare np² + p³")
            .build();

    @Override
    public String name() {
      return "hard_correlation_match";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private static final class Formula extends CorrelationMatch {

      Formula() {
        super(PROPERTIES, 2);
      }

      @Override
      HeldOutBracket.Learnt matched(Dense correlations) {
        LinearAssignment assignment =
            LinearAssignment.maximise(
                correlations.rows(), correlations.columns(), correlations.values());
        int[] rows =
            IntStream.range(0, correlations.rows())
                .filter(i -> assignment.columnOf(i) != LinearAssignment.NONE)
                .toArray();
        int[] columns = IntStream.of(rows).map(assignment::columnOf).toArray();
        return (x, y) ->
            HeldOut.ofCorrelations(
                CorrelationMatch.columns(x, rows), CorrelationMatch.columns(y, columns));
      }

      @Override
      double value(Dense correlations) {
        LinearAssignment assignment =
            LinearAssignment.maximise(
                correlations.rows(), correlations.columns(), correlations.values());
        return assignment.total() / assignment.pairs();
      }
    }
  }

  private record SoftCorrelationMatch() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.similarity(
                "Mean correlation of each feature with its best match in the other layer.")
            .range(new Range(-1, 1))
            .ignores(FEATURE_PERMUTATION, ISOTROPIC_SCALING, TRANSLATION, SAMPLE_REORDERING_IN_BOTH)
            .notices(ROTATION, INVERTIBLE_LINEAR_MAP, ZERO_PADDING, SAMPLE_REORDERING_IN_ONE)
            .source(
                "Li et al. 2015, Convergent Learning: Do different neural networks learn the same"
                    + " representations?")
            .cost("prepare np, compare np²")
            .build();

    @Override
    public String name() {
      return "soft_correlation_match";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private static final class Formula extends CorrelationMatch {

      Formula() {
        super(PROPERTIES, 1);
      }

      @Override
      HeldOutBracket.Learnt matched(Dense correlations) {
        int[] ofRows = best(correlations);
        int[] ofColumns = best(correlations.transpose());
        return (x, y) -> {
          HeldOut fromX = HeldOut.ofCorrelations(x, CorrelationMatch.columns(y, ofRows));
          return fromX.averagedWith(
              HeldOut.ofCorrelations(CorrelationMatch.columns(x, ofColumns), y));
        };
      }

      /** Where each row is largest. */
      private static int[] best(Dense matrix) {
        int[] best = new int[matrix.rows()];
        for (int i = 0; i < best.length; i++) {
          for (int j = 1; j < matrix.columns(); j++) {
            best[i] = matrix.get(i, j) > matrix.get(i, best[i]) ? j : best[i];
          }
        }
        return best;
      }

      @Override
      double value(Dense correlations) {
        double[] bestOfRow = new double[correlations.rows()];
        double[] bestOfColumn = new double[correlations.columns()];
        Arrays.fill(bestOfRow, -1);
        Arrays.fill(bestOfColumn, -1);
        for (int i = 0; i < bestOfRow.length; i++) {
          for (int j = 0; j < bestOfColumn.length; j++) {
            double correlation = correlations.get(i, j);
            bestOfRow[i] = Math.max(bestOfRow[i], correlation);
            bestOfColumn[j] = Math.max(bestOfColumn[j], correlation);
          }
        }
        return (mean(bestOfRow) + mean(bestOfColumn)) / 2;
      }

      private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
          sum += value;
        }
        return sum / values.length;
      }
    }
  }

  private record PermutationProcrustes() implements DelegatingMeasure {

    private static final MeasureProperties PROPERTIES =
        MeasureProperties.distance(
                "Least distance of the raw features when those of one layer may change places.")
            .range(Range.NON_NEGATIVE)
            .ignores(FEATURE_PERMUTATION, SAMPLE_REORDERING_IN_BOTH)
            .notices(
                ROTATION,
                ISOTROPIC_SCALING,
                TRANSLATION,
                INVERTIBLE_LINEAR_MAP,
                SAMPLE_REORDERING_IN_ONE)
            .source("Williams et al. 2021, Generalized Shape Metrics on Neural Representations")
            .cost("prepare np, compare np² + p³")
            .build();

    @Override
    public String name() {
      return "permutation_procrustes";
    }

    @Override
    public MeasureProperties properties() {
      return PROPERTIES;
    }

    @Override
    public Computation<?> computation() {
      return new Formula();
    }

    private final class Formula implements Computation<RawColumns> {

      @Override
      public Preparation<RawColumns> preparation() {
        return new Reading();
      }

      @Override
      public Score compare(RawColumns a, RawColumns b) {
        a.info().requireSameSamples(b.info());
        int width = Math.max(a.matrix().columns(), b.matrix().columns());
        Dense.requireRoom(width, width, 3);
        Dense products = Products.transposeTimes(a.matrix(), b.matrix());
        double[] padded = padded(products, width);
        LinearAssignment assignment = LinearAssignment.maximise(width, width, padded);
        return Score.of(
            distance(a, b, assignment, width), PROPERTIES, Diagnostics.of(a.info().samples()));
      }

      private static double[] padded(Dense products, int width) {
        double[] padded = new double[Math.multiplyExact(width, width)];
        for (int i = 0; i < products.rows(); i++) {
          System.arraycopy(
              products.values(), i * products.columns(), padded, i * width, products.columns());
        }
        return padded;
      }

      /** Entry by entry, so that equal layers are at distance zero exactly. */
      private static double distance(
          RawColumns a, RawColumns b, LinearAssignment assignment, int width) {
        double unit = Math.max(a.scale(), b.scale());
        TensorReader ofA = TensorReader.of(a.matrix());
        TensorReader ofB = TensorReader.of(b.matrix());
        double[] rowA = new double[a.matrix().columns()];
        double[] rowB = new double[b.matrix().columns()];
        double sum = 0;
        for (long i = 0; i < a.info().samples(); i++) {
          ofA.read(i * rowA.length, rowA);
          ofB.read(i * rowB.length, rowB);
          for (int j = 0; j < width; j++) {
            int k = assignment.columnOf(j);
            double inA = j < rowA.length ? rowA[j] * (a.scale() / unit) : 0;
            double inB = k < rowB.length ? rowB[k] * (b.scale() / unit) : 0;
            sum += (inA - inB) * (inA - inB);
          }
        }
        return unit * Math.sqrt(sum);
      }
    }

    /**
     * A layer as it is, in float64.
     *
     * @param info its layer, shape and probes
     * @param matrix n × p, divided by {@code scale}
     * @param scale a power of two near the largest absolute value
     */
    record RawColumns(Representation.Info info, INDArray matrix, double scale) implements Prepared {
      /** As plain numbers. */
      static final class Format implements PreparedFormat<RawColumns> {

        @Override
        public void write(RawColumns prepared, PreparedOutput out) throws IOException {
          out.writeInfo(prepared.info);
          out.writeTensor(prepared.matrix);
          out.writeDouble(prepared.scale);
        }

        @Override
        public RawColumns read(PreparedInput in) throws IOException {
          return new RawColumns(in.readInfo(), in.readTensor(), in.readDouble());
        }
      }
    }

    /** Takes a power of two off, so that no product overflows, and changes nothing else. */
    private record Reading() implements Preparation<RawColumns> {

      @Override
      public RawColumns prepare(Representation representation) {
        SampleRows rows = SampleRows.of(representation);
        double scale = rows.powerOfTwoScale();
        return new RawColumns(
            representation.info(), rows.dividedBy(scale).tensor(DataType.DOUBLE), scale);
      }

      @Override
      public Optional<PreparedFormat<RawColumns>> format() {
        return Optional.of(new RawColumns.Format());
      }
    }
  }
}
