package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.MeasureProperties.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.DelegatingMeasure;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.LayerTable;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.intervals.IntervalRequest;
import org.palimpsest.similarity.internal.intervals.JackknifeValues;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.InnerSums;

/**
 * Minibatch CKA: the mean over batches of the unbiased HSIC, over the root of both mean self terms.
 *
 * <p>Batches are successive rows. The last one may be shorter; each counts by its number of
 * samples, and one of fewer than four joins the batch before it. The value depends on the order of
 * samples, as far as that decides which of them meet in a batch.
 *
 * <p>It is what one gets who trains or shows a network batch by batch and never holds all samples;
 * with all samples at hand {@link DebiasedLinearCka} uses each pair of them and scatters less. With
 * one batch of all samples the two are the same. It lies about 0 for unrelated layers, may be
 * negative, and is not cut. Fewer than four samples are refused. Cost: O(n B p) for each layer once
 * and O(n B) for a pair, for batches of B.
 *
 * <pre>{@code
 * Score score = new MinibatchCka(64).compare(before, after);
 * }</pre>
 *
 * @param batchSize samples per batch, four or more
 * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 2</a>
 */
public record MinibatchCka(int batchSize) implements DelegatingMeasure {

  private static final int USUAL_BATCH = 256;

  private static final Set<Transformation> NOTICES =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE);

  private static final Set<Transformation> NOT_IGNORED =
      EnumSet.of(INVERTIBLE_LINEAR_MAP, SAMPLE_REORDERING_IN_ONE, SAMPLE_REORDERING_IN_BOTH);

  private static final MeasureProperties PROPERTIES =
      MeasureProperties.similarity(
              "Debiased linear CKA from similarities within batches of successive samples alone.")
          .range(new Range(-1, 1))
          .ignoresAllBut(NOT_IGNORED)
          .notices(NOTICES)
          .source("Nguyen et al. 2021")
          .cost("preparation O(n b p) for batches of b, comparison O(n b)")
          .build();

  public MinibatchCka {
    if (batchSize < Hsic.FEWEST_SAMPLES) {
      throw new PalimpsestException(
          "Minibatch CKA cannot use batches of %d samples; the unbiased estimator needs %d or more."
              .formatted(batchSize, Hsic.FEWEST_SAMPLES));
    }
  }

  /** Batches of 256 samples. */
  public static MinibatchCka withDefaults() {
    return new MinibatchCka(USUAL_BATCH);
  }

  @Override
  public String name() {
    return equals(withDefaults()) ? "minibatch_cka" : "minibatch_cka:" + batchSize;
  }

  @Override
  public MeasureProperties properties() {
    return PROPERTIES;
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements Computation<BatchGrams>, HasInterval<BatchGrams> {

    @Override
    public Preparation<BatchGrams> preparation() {
      return new BatchGrams.Centring(batchSize);
    }

    @Override
    public IntervalEstimator<BatchGrams, ?> intervalEstimator() {
      return new BatchJackknife(batchSize);
    }

    @Override
    public Score compare(BatchGrams a, BatchGrams b) {
      return compareAll(List.of(a), List.of(b)).get(0).get(0);
    }

    /** One product of all rows' Gram matrices with all columns'. */
    @Override
    public List<List<Score>> compareAll(LayerTable<BatchGrams> layers) {
      List<BatchGrams> rows = layers.rows();
      List<BatchGrams> columns = layers.columns();
      rows.forEach(row -> columns.forEach(column -> row.info().requireSameSamples(column.info())));
      Dense products =
          InnerSums.of(
              InnerSums.Vectors.of(rows.stream().map(BatchGrams::entries).toList()),
              InnerSums.Vectors.of(columns.stream().map(BatchGrams::entries).toList()));
      List<List<Score>> scores = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        int row = i;
        scores.add(
            IntStream.range(0, columns.size())
                .mapToObj(j -> score(rows.get(row), columns.get(j), products.get(row, j)))
                .toList());
      }
      return scores;
    }

    private static Score score(BatchGrams a, BatchGrams b, double product) {
      return Score.of(
          product / a.norm() / b.norm(), PROPERTIES, Diagnostics.of(a.info().samples()));
    }
  }

  /** Intervals of minibatch CKA: whole batches are left out, and they are the units. */
  private record BatchJackknife(int batchSize)
      implements IntervalEstimator<BatchGrams, BatchJackknife.Side> {

    private static final int FEWEST_BATCHES = 3;
    private static final double ROUNDING = 1e-12;

    /**
     * One layer.
     *
     * @param squares of each batch
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared by value
    record Side(BatchGrams grams, double[] squares) {}

    @Override
    public Side side(BatchGrams prepared) {
      return new Side(prepared, products(prepared, prepared));
    }

    /** The inner product of each batch. */
    private double[] products(BatchGrams a, BatchGrams b) {
      int[] bounds =
          new BatchGrams.Centring(batchSize).batches(Math.toIntExact(a.info().samples()));
      double[] products = new double[bounds.length - 1];
      TensorReader ofA = TensorReader.of(a.entries());
      TensorReader ofB = TensorReader.of(b.entries());
      long from = 0;
      for (int batch = 0; batch < products.length; batch++) {
        int size = bounds[batch + 1] - bounds[batch];
        double[] left = new double[Math.toIntExact((long) size * (size - 1) / 2)];
        double[] right = new double[left.length];
        ofA.read(from, left);
        ofB.read(from, right);
        from += left.length;
        for (int k = 0; k < left.length; k++) {
          products[batch] += left[k] * right[k];
        }
      }
      return products;
    }

    @Override
    public Interval interval(Side a, Side b, double value, IntervalRequest request) {
      long batches = a.squares().length;
      if (a.grams().info().rowsPerProbe() > 1) {
        return new Interval.Refused(
            value,
            a.grams().info().probeCount(),
            "Batches of positions cut images, so that they are not independent. Use"
                + " debiased_linear_cka.");
      }
      if (batches < FEWEST_BATCHES) {
        return new Interval.Refused(
            value,
            batches,
            "With %d batches no interval can be given; show more probes, or use smaller batches (minibatch_cka:32)."
                .formatted(batches));
      }
      double[] products = products(a.grams(), b.grams());
      double[] without = new double[products.length];
      for (int i = 0; i < without.length; i++) {
        without[i] = ratio(products, a.squares(), b.squares(), i);
      }
      JackknifeValues jackknife =
          new JackknifeValues(ratio(products, a.squares(), b.squares(), -1), without);
      Optional<String> dependence =
          nothingWithout(a).or(() -> nothingWithout(b)).or(() -> jackknife.dependence("batch"));
      if (dependence.isPresent()) {
        return new Interval.Refused(value, batches, dependence.get());
      }
      JackknifeValues.Ends ends = jackknife.aboutValueOnArtanhScale(request);
      return new Interval.Known(
          value,
          OptionalDouble.empty(),
          Math.min(value, ends.low()),
          Math.max(value, ends.high()),
          request.level(),
          Interval.Method.JACKKNIFE_ARTANH,
          batches,
          OptionalDouble.of(0));
    }

    private static Optional<String> nothingWithout(Side side) {
      double whole = sum(side.squares(), -1);
      return IntStream.range(0, side.squares().length)
          .filter(i -> !(sum(side.squares(), i) > ROUNDING * whole))
          .mapToObj(i -> JackknifeValues.nothingWithout("batch", i, side.grams().info()))
          .findFirst();
    }

    private static double ratio(double[] products, double[] ofA, double[] ofB, int left) {
      double squares = sum(ofA, left) * sum(ofB, left);
      return sum(products, left) / Math.sqrt(Math.max(Double.MIN_NORMAL, squares));
    }

    private static double sum(double[] values, int left) {
      return Arrays.stream(values).sum() - (left < 0 ? 0 : values[left]);
    }
  }
}
