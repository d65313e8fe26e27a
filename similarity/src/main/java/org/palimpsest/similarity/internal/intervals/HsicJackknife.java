package org.palimpsest.similarity.internal.intervals;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.Prepared;

/**
 * Intervals of alignments of kernels: of the U-statistic over images v, with z = artanh v and z₋ᵢ
 * without image i, tanh(z ± t s), s² = (n − 1)/n Σ (z₋ᵢ − mean)². All z₋ᵢ together cost about as
 * much as v.
 *
 * @param <P> what the measure's preparation makes
 */
public final class HsicJackknife<P extends Prepared> implements IntervalEstimator<P, ImageSide> {

  private static final int FEWEST_IMAGES = 5;

  private static final double ROUNDING = 1e-12;
  private static final double ROUNDING_OF_FLOAT32 = 1e-6;

  private final Function<P, ImageSide> sides;
  private final boolean isDebiased;
  private final boolean isRoot;

  private HsicJackknife(Function<P, ImageSide> sides, boolean isDebiased, boolean isRoot) {
    this.sides = sides;
    this.isDebiased = isDebiased;
    this.isRoot = isRoot;
  }

  /** Of a measure whose value is biased upwards; the interval is centred on the debiased one. */
  public static <P extends Prepared> HsicJackknife<P> ofBiased(Function<P, ImageSide> sides) {
    return new HsicJackknife<>(sides, false, false);
  }

  /** Of a measure whose value is the U-statistic. */
  public static <P extends Prepared> HsicJackknife<P> ofDebiased(Function<P, ImageSide> sides) {
    return new HsicJackknife<>(sides, true, false);
  }

  /** Of a measure that is the root of a biased alignment. */
  public static <P extends Prepared> HsicJackknife<P> ofRoot(Function<P, ImageSide> sides) {
    return new HsicJackknife<>(sides, false, true);
  }

  @Override
  public ImageSide side(P prepared) {
    return sides.apply(prepared).inFloat32();
  }

  @Override
  public double seconds(ImageSide a, ImageSide b, IntervalRequest request) {
    return a.secondsBeside(b);
  }

  @Override
  public Interval interval(ImageSide a, ImageSide b, double value, IntervalRequest request) {
    long units = a.info().probeCount();
    if (units < FEWEST_IMAGES) {
      return TooFew.units(value, units, FEWEST_IMAGES);
    }
    JackknifeValues jackknife = ImageSide.alignment(a, b);
    requireMoreThanOneImage(a);
    requireMoreThanOneImage(b);
    Optional<String> dependence =
        jackknife
            .dependence("image")
            .or(
                () ->
                    EffectiveImages.tooFew(
                        a.effectiveImages(), b.effectiveImages(), EffectiveImages.least(units)));
    if (dependence.isPresent()) {
      return new Interval.Refused(value, units, dependence.get());
    }
    JackknifeValues.Ends ends = jackknife.aboutValueOnArtanhScale(request);
    JackknifeValues.Ends shown = isRoot ? rooted(ends) : ends;
    double held = isDebiased ? value : shown.centre();
    return new Interval.Known(
        value,
        isDebiased ? OptionalDouble.empty() : OptionalDouble.of(shown.within(-1, 1).centre()),
        Math.max(-1, Math.min(held, shown.low())),
        Math.min(1, Math.max(0, Math.max(held, shown.high()))),
        request.level(),
        Interval.Method.JACKKNIFE_ARTANH,
        units,
        OptionalDouble.of(0));
  }

  private static void requireMoreThanOneImage(ImageSide side) {
    double rounding = side.isFloat64() ? ROUNDING : ROUNDING_OF_FLOAT32;
    side.self().requireMoreThanOneImage(side.info(), rounding);
  }

  private static JackknifeValues.Ends rooted(JackknifeValues.Ends ends) {
    return new JackknifeValues.Ends(root(ends.low()), root(ends.centre()), root(ends.high()));
  }

  private static double root(double square) {
    return Math.sqrt(Math.max(0, square));
  }
}
