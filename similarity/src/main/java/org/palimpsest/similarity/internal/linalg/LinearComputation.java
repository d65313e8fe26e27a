package org.palimpsest.similarity.internal.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Computation;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Score;

/** What a measure computes for which centred layers, or their co-moments alone, are enough. */
public interface LinearComputation extends Computation<CentredLayer> {

  /** From here to the value of equal layers the rounding of float32 products may decide. */
  double NEAR_ONE = 1e-3;

  /**
   * The share of its size by which a layer must vary, so that what float32 has rounded in the
   * network does not matter: values of layers above it moved by less than 10⁻⁶ with the number of
   * probes that a network was shown at once.
   */
  double LEAST_SPREAD = 3e-4;

  /** By how much of its size outputs of a network in float32 moved with that number, measured. */
  double ROUNDING = 3e-7;

  /** Compares two layers by products as they come. */
  Score compare(LinearPair pair);

  /** Whether a score is so near to that of equal layers that float32 products may decide it. */
  default boolean isNearEqual(LinearPair pair, Score score) {
    return score.value() > 1 - NEAR_ONE;
  }

  /** Compares two layers; those that are nearly equal by products in float64. */
  default Score compareClosely(LinearPair pair) {
    return closely(pair, compare(pair));
  }

  /** Why a value says little, of layers in memory or of which only their co-moments were kept. */
  default List<String> cautions(LinearSide a, LinearSide b, Score score) {
    return List.of();
  }

  @Override
  default List<String> cautions(CentredLayer a, CentredLayer b, Score score) {
    return allCautions(a, b, score);
  }

  /** Those of the measure, and of layers of which float32 leaves too few digits. */
  default List<String> allCautions(LinearSide a, LinearSide b, Score score) {
    List<String> all = new ArrayList<>(cautions(a, b, score));
    Stream.of(a, b)
        .filter(side -> side.cameAs() == DataType.FLOAT && side.spread() < LEAST_SPREAD)
        .map(LinearComputation::hardlyVaries)
        .distinct()
        .forEach(all::add);
    return all;
  }

  private static String hardlyVaries(LinearSide side) {
    int digits = (int) Math.max(0, Math.floor(Math.log10(side.spread() / ROUNDING)));
    return String.format(
        Locale.ROOT,
        "Layer '%s' varies by %.1e of its size, of which float32 leaves about %d digit%s:"
            + " rounding within the network decides the others, so that another memory bound,"
            + " number of threads or processor gives another value.",
        side.info().layer(),
        side.spread(),
        digits,
        digits == 1 ? "" : "s");
  }

  /** A score as it is, or by products in float64 if it needs them. */
  default Score closely(LinearPair pair, Score score) {
    if (pair.isFloat64() || !isNearEqual(pair, score)) {
      return score;
    }
    return pair.inFloat64()
        .map(this::compare)
        .orElseGet(
            () ->
                score.withWarning(
                    "The layers are nearly equal, and only float32 products of them were kept,"
                        + " which cannot tell how nearly. Gather co-moments in float64."));
  }

  @Override
  default Preparation<CentredLayer> preparation() {
    return Centring.ofFeatures();
  }

  @Override
  default Score compare(CentredLayer a, CentredLayer b) {
    return compareClosely(new LayerPair(a, b));
  }
}
