package org.palimpsest.similarity.shape;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.similarity.internal.intervals.CentredRows;
import org.palimpsest.similarity.internal.intervals.HasInterval;
import org.palimpsest.similarity.internal.intervals.HeldOut;
import org.palimpsest.similarity.internal.intervals.HeldOutBracket;
import org.palimpsest.similarity.internal.intervals.IntervalEstimator;
import org.palimpsest.similarity.internal.linalg.CentredLayer;
import org.palimpsest.similarity.internal.linalg.DecomposingComputation;
import org.palimpsest.similarity.internal.linalg.Decompositions;
import org.palimpsest.similarity.internal.linalg.Decompositions.Svd;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.FewSamples;
import org.palimpsest.similarity.internal.linalg.LinearPair;
import org.palimpsest.similarity.internal.linalg.LinearSide;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;

/** See {@link Shapes#procrustesNormalized()}. */
record Procrustes(Variant variant) implements DelegatingMeasure {

  @Override
  public String name() {
    return variant.label;
  }

  @Override
  public MeasureProperties properties() {
    Set<Transformation> notices =
        EnumSet.of(Transformation.INVERTIBLE_LINEAR_MAP, Transformation.SAMPLE_REORDERING_IN_ONE);
    if (variant == Variant.SIZE_AND_SHAPE) {
      notices.add(Transformation.ISOTROPIC_SCALING);
    }
    return MeasureProperties.distance(
            "The %s that is left after the best rotation."
                .formatted(variant == Variant.ANGULAR ? "angle" : "distance"))
        .range(variant.range)
        .noticesOnly(notices)
        .source(variant.source)
        .cost("preparation O(n p), comparison O(n p q + min(p, q)² max(p, q))")
        .build();
  }

  @Override
  public Computation<?> computation() {
    return new Formula();
  }

  private final class Formula implements DecomposingComputation, HasInterval<CentredLayer> {

    @Override
    public IntervalEstimator<CentredLayer, ?> intervalEstimator() {
      return variant == Variant.SIZE_AND_SHAPE
          ? IntervalEstimator.refusing(
              "No interval of distances in which size counts has been shown to hold the true value."
                  + " Use procrustes_normalized or procrustes_angular.")
          : HeldOutBracket.of(
              layer -> CentredRows.ofComponents(layer, RankTolerance.automatic()),
              Formula::rotation,
              new Rotated(variant));
    }

    private static HeldOutBracket.Learnt rotation(Dense x, Dense y) {
      Svd svd = Decompositions.svd(Products.transposeTimes(HeldOut.centred(x), HeldOut.centred(y)));
      return (heldX, heldY) -> {
        Dense a = HeldOut.centred(heldX);
        Dense b = HeldOut.centred(heldY);
        return HeldOut.ofCosine(Products.product(a, svd.u()), Products.product(b, svd.v()), a, b);
      };
    }

    /** A pair takes nothing of a layer that would cost anything. */
    @Override
    public void makeReady(LinearSide layer) {}

    @Override
    public Dense product(LinearPair pair) {
      return pair.alignment();
    }

    @Override
    public boolean isNearEqual(LinearPair pair, Score score) {
      double unit =
          variant == Variant.SIZE_AND_SHAPE ? Math.max(size(pair.a()), size(pair.b())) : 1;
      return score.value() < Alignment.NEAR_ZERO * unit;
    }

    @Override
    public Score score(LinearPair pair, Dense product) {
      double nuclear = Decompositions.nuclearNorm(product);
      double cosine =
          Alignment.cosine(pair, nuclear, pair.a().squaredNorm(), pair.b().squaredNorm());
      double value =
          switch (variant) {
            case NORMALIZED -> Math.sqrt(2 - 2 * cosine);
            case ANGULAR -> Math.acos(cosine);
            case SIZE_AND_SHAPE -> sizeAndShape(pair.a(), pair.b(), cosine);
          };
      return Score.of(value, properties(), Diagnostics.of(pair.samples()));
    }

    /** As (|Xc| - |Yc|)² + 2 |Xc| |Yc| (1 - cos), which cannot fall below zero. */
    private static double sizeAndShape(LinearSide a, LinearSide b, double cosine) {
      double sizeA = size(a);
      double sizeB = size(b);
      return Math.hypot(
          sizeA - sizeB, Math.sqrt(2 * (1 - cosine)) * Math.sqrt(sizeA) * Math.sqrt(sizeB));
    }

    private double cosine(LinearSide a, LinearSide b, double distance) {
      return switch (variant) {
        case NORMALIZED -> 1 - distance * distance / 2;
        case ANGULAR -> Math.cos(distance);
        case SIZE_AND_SHAPE -> {
          double sizes = size(a) * size(b);
          double difference = size(a) - size(b);
          yield 1 - (distance * distance - difference * difference) / (2 * sizes);
        }
      };
    }

    private static double size(LinearSide layer) {
      return layer.scale() * Math.sqrt(layer.squaredNorm());
    }

    @Override
    public List<String> cautions(LinearSide a, LinearSide b, Score score) {
      return FewSamples.of(a.info(), b.info()).rotations(cosine(a, b, score.value()));
    }
  }

  /** How the distance is measured. */
  public enum Variant {
    /** sqrt(2 - 2 |A'B|*), both layers of unit norm. */
    NORMALIZED("procrustes_normalized", new Range(0, Math.sqrt(2)), "Ding et al. 2021"),
    /** arccos |A'B|*, both layers of unit norm. */
    ANGULAR("procrustes_angular", new Range(0, Math.PI / 2), "Williams et al. 2021"),
    /** sqrt(|Xc|² + |Yc|² - 2 |Xc'Yc|*): sizes count. */
    SIZE_AND_SHAPE("procrustes_size_and_shape", Range.NON_NEGATIVE, "Williams et al. 2021");

    private final String label;
    private final Range range;
    private final String source;

    Variant(String label, Range range, String source) {
      this.label = label;
      this.range = range;
      this.source = source;
    }
  }

  private record Rotated(Variant variant) implements HeldOutBracket.Rules {

    private static final long FEWEST = 8;

    @Override
    public double mapped(double cosine) {
      return variant == Variant.ANGULAR
          ? Math.acos(Math.min(1, cosine))
          : Math.sqrt(Math.max(0, 2 - 2 * cosine));
    }

    @Override
    public double cosine(double value) {
      return variant == Variant.ANGULAR ? Math.cos(value) : 1 - value * value / 2;
    }

    @Override
    public long fewestImages(boolean ofPositions, CentredRows a, CentredRows b) {
      return FEWEST;
    }
  }
}
