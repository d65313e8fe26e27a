package org.palimpsest.similarity.matching;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.FEATURE_PERMUTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ISOTROPIC_SCALING;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.ROTATION;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.TRANSLATION;

import java.io.IOException;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.LinearAssignment;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/** See {@link Matching#permutationProcrustes()}. */
record PermutationProcrustes() implements DelegatingMeasure {

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
