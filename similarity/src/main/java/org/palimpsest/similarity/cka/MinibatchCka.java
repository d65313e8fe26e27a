package org.palimpsest.similarity.cka;

import static org.palimpsest.core.measure.Transformation.INVERTIBLE_LINEAR_MAP;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_BOTH;
import static org.palimpsest.core.measure.Transformation.SAMPLE_REORDERING_IN_ONE;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Diagnostics;
import org.palimpsest.core.measure.LayerTable;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Transformation;
import org.palimpsest.similarity.linalg.Dense;
import org.palimpsest.similarity.linalg.InnerSums;
import org.palimpsest.similarity.uncertainty.HasInterval;
import org.palimpsest.similarity.uncertainty.IntervalEstimator;

/**
 * Minibatch CKA: the mean over batches of the unbiased HSIC, over the root of both mean self terms.
 *
 * <p>Batches are successive rows. The last one may be shorter; each counts by its number of
 * samples, and one of fewer than four joins the batch before it. The value depends on the order of
 * samples, as far as that decides which of them meet in a batch.
 *
 * @param batchSize samples per batch, four or more
 * @see <a href="https://arxiv.org/abs/2010.15327">Nguyen et al. 2021, equation 2</a>
 */
public record MinibatchCka(int batchSize) implements Measure<BatchGrams>, HasInterval<BatchGrams> {

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
    return Score.of(product / a.norm() / b.norm(), PROPERTIES, Diagnostics.of(a.info().samples()));
  }
}
