package org.palimpsest.similarity.matching;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.ImagesNeeded;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.UnitColumns;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;

/** A function of the correlations of all features of one layer with another's. */
abstract class CorrelationMatch
    implements Computation<CorrelationMatch.StandardisedColumns>,
        HasInterval<CorrelationMatch.StandardisedColumns> {

  private final MeasureProperties properties;
  private final int copies;

  /**
   * @param properties what the measure promises
   * @param copies how many matrices of one number for each pair of features it holds at once
   */
  CorrelationMatch(MeasureProperties properties, int copies) {
    this.properties = properties;
    this.copies = copies;
  }

  abstract double value(Dense correlations);

  /** What was matched on some rows. */
  abstract HeldOutBracket.Learnt matched(Dense correlations);

  @Override
  public IntervalEstimator<StandardisedColumns, ?> intervalEstimator() {
    return HeldOutBracket.of(
        StandardisedColumns::scores, (x, y) -> matched(correlations(x, y)), new MatchBracket());
  }

  private static Dense correlations(Dense x, Dense y) {
    return Products.transposeTimes(HeldOut.standardised(x), HeldOut.standardised(y));
  }

  /** The columns of one matrix with these indices. */
  static Dense columns(Dense matrix, int[] chosen) {
    Dense columns = Dense.zeros(matrix.rows(), chosen.length);
    for (int r = 0; r < matrix.rows(); r++) {
      for (int k = 0; k < chosen.length; k++) {
        columns.values()[r * chosen.length + k] = matrix.get(r, chosen[k]);
      }
    }
    return columns;
  }

  /** When brackets of matches hold the true value. */
  private record MatchBracket() implements HeldOutBracket.Rules {

    private static final ImagesNeeded NEEDED = new ImagesNeeded(1.6, 1.6);

    @Override
    public double least() {
      return -1;
    }

    @Override
    public boolean isMeanOfFeatures() {
      return true;
    }

    @Override
    public long fewestImages(boolean ofPositions, CentredRows a, CentredRows b) {
      return NEEDED.of(Math.max(a.rows().columns(), b.rows().columns()), ofPositions);
    }
  }

  @Override
  public Preparation<StandardisedColumns> preparation() {
    return new StandardisedColumns.Standardising();
  }

  @Override
  public Score compare(StandardisedColumns a, StandardisedColumns b) {
    a.info().requireSameSamples(b.info());
    Dense.requireRoom(a.features(), b.features(), copies);
    Diagnostics diagnostics = Diagnostics.of(a.info().samples());
    return Score.of(
        value(a.correlations(b)),
        properties,
        withDeadFeatures(withDeadFeatures(diagnostics, a), b));
  }

  private static Diagnostics withDeadFeatures(Diagnostics diagnostics, StandardisedColumns of) {
    return of.dead() == 0
        ? diagnostics
        : diagnostics.withWarning(
            "%s of the %s features of layer '%s' never vary; their correlations count as 0."
                .formatted(of.dead(), of.features(), of.info().layer()));
  }

  @Override
  public List<String> cautions(StandardisedColumns a, StandardisedColumns b, Score score) {
    return FewSamples.of(a.info(), b.info()).bestCorrelations(score.value());
  }

  /**
   * A layer whose features have mean zero and unit norm, or are zero throughout if they never vary.
   */
  static final class StandardisedColumns implements Prepared {

    private final Representation.Info info;
    private final INDArray matrix;
    private final int dead;

    /**
     * @param matrix n × p
     * @param dead how many features never vary
     */
    StandardisedColumns(Representation.Info info, INDArray matrix, int dead) {
      this.info = info;
      this.matrix = matrix;
      this.dead = dead;
    }

    @Override
    public Representation.Info info() {
      return info;
    }

    /** For intervals. */
    CentredRows scores() {
      return CentredRows.of(info, matrix);
    }

    int features() {
      return matrix.columns();
    }

    int dead() {
      return dead;
    }

    /**
     * The correlation of each feature with each of the other layer's; 0 for one that never varies.
     */
    Dense correlations(StandardisedColumns other) {
      Dense correlations = Products.transposeTimes(matrix, other.matrix);
      double[] values = correlations.values();
      for (int k = 0; k < values.length; k++) {
        values[k] = Math.max(-1, Math.min(1, values[k]));
      }
      return correlations;
    }

    /** As plain numbers. */
    static final class Format implements PreparedFormat<StandardisedColumns> {

      @Override
      public void write(StandardisedColumns prepared, PreparedOutput out) throws IOException {
        out.writeInfo(prepared.info);
        out.writeTensor(prepared.matrix);
        out.writeInt(prepared.dead);
      }

      @Override
      public StandardisedColumns read(PreparedInput in) throws IOException {
        return new StandardisedColumns(in.readInfo(), in.readTensor(), in.readInt());
      }
    }

    /** Centres the features and divides each by its norm. */
    record Standardising() implements Preparation<StandardisedColumns> {

      private static final int FEWEST_SAMPLES = 3;

      @Override
      public StandardisedColumns prepare(Representation representation) {
        SampleChecks.requireSamples(
            representation.info(), FEWEST_SAMPLES, "over two samples every correlation is 1 or -1");
        UnitColumns columns = UnitColumns.of(representation);
        return new StandardisedColumns(representation.info(), columns.matrix(), columns.dead());
      }

      @Override
      public Optional<PreparedFormat<StandardisedColumns>> format() {
        return Optional.of(new StandardisedColumns.Format());
      }
    }
  }
}
