package org.palimpsest.similarity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.core.measure.MeasureProperties.Transformation.SAMPLE_REORDERING_IN_BOTH;

import java.util.Set;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.MeasureProperties.Transformation;
import org.palimpsest.core.measure.Score;

/**
 * What every measure is held to, by its own declared properties. Each method throws an {@link
 * AssertionError} that tells what is broken.
 */
public final class MeasureContract {

  private static final int SAMPLES = 40;
  private static final double SAME = 1e-7;
  private static final double OTHER = 1e-5;

  /** Two networks' answers have the same classes. */
  private static final Set<String> OF_EQUAL_WIDTHS =
      Set.of("prediction_dice", "disagreement", "jensen_shannon");

  private final Measure<?> measure;
  private final double[][] x;
  private final double[][] y;
  private final long seed;

  private MeasureContract(Measure<?> measure, int widthX, int widthY, long seed) {
    this.measure = measure;
    this.x = Data.layer(SAMPLES, widthX, seed);
    this.y = Data.relative(x, widthY, seed + 10);
    this.seed = seed;
  }

  /** On a pair of generic layers of unequal width, unless the measure is of equal widths alone. */
  public static MeasureContract of(Measure<?> measure, long seed) {
    return OF_EQUAL_WIDTHS.stream().anyMatch(measure.name()::startsWith)
        ? ofEqualWidths(measure, seed)
        : new MeasureContract(measure, 7, 5, seed);
  }

  /** On a pair of generic layers of equal width. */
  public static MeasureContract ofEqualWidths(Measure<?> measure, long seed) {
    return new MeasureContract(measure, 6, 6, seed);
  }

  public void ignores(Transformation transformation) {
    double before = value(x, y);
    assertThat(value(changed(x, transformation, 1), other(transformation)))
        .as("%s of the first layer", transformation.label())
        .isCloseTo(before, near(before, SAME));
    if (transformation != SAMPLE_REORDERING_IN_BOTH) {
      assertThat(value(x, changed(y, transformation, 2)))
          .as("%s of the second layer", transformation.label())
          .isCloseTo(before, near(before, SAME));
    }
  }

  public void notices(Transformation transformation) {
    double before = value(x, y);
    double afterFirst = value(changed(x, transformation, 1), other(transformation));
    double afterSecond =
        transformation == SAMPLE_REORDERING_IN_BOTH
            ? afterFirst
            : value(x, changed(y, transformation, 2));
    double response = Math.max(Math.abs(afterFirst - before), Math.abs(afterSecond - before));

    assertThat(response)
        .as("response to %s", transformation.label())
        .isGreaterThan(OTHER * Math.max(1e-3, Math.abs(before)));
  }

  public void isSymmetricIfDeclared() {
    double forth = value(x, y);
    double back = value(y, x);
    if (measure.properties().symmetric()) {
      assertThat(back).isCloseTo(forth, near(forth, SAME));
    } else {
      assertThat(Math.abs(back - forth)).isGreaterThan(OTHER * Math.max(1e-3, Math.abs(forth)));
    }
  }

  /** A layer compared with itself has the best value that there is. */
  public void findsALayerEqualToItself() {
    MeasureProperties properties = measure.properties();
    Range range = properties.range();
    double best = properties.direction() == Direction.SIMILARITY ? range.high() : 0;

    assertThat(value(x, x)).isCloseTo(best, near(1, 1e-6));
  }

  public void staysInItsRange() {
    Score score = measure.compare(Data.representation("x", x), Data.representation("y", y));

    assertThat(score.range()).isEqualTo(measure.properties().range());
    assertThat(score.direction()).isEqualTo(measure.properties().direction());
    assertThat(score.range().contains(score.value(), 1e-9)).as("%s", score).isTrue();
    assertThat(score.diagnostics().samples()).isEqualTo(SAMPLES);
  }

  public void takesFloat32() {
    double precise = value(x, y);
    double single = measure.compare(Data.single("x", x), Data.single("y", y)).value();

    assertThat(single).isCloseTo(precise, near(precise, 1e-4));
  }

  private double[][] other(Transformation transformation) {
    return transformation == SAMPLE_REORDERING_IN_BOTH ? changed(y, transformation, 1) : y;
  }

  private double[][] changed(double[][] layer, Transformation transformation, int which) {
    return Transformed.by(transformation, layer, seed + 100 * which);
  }

  private double value(double[][] a, double[][] b) {
    return measure.compare(Data.representation("a", a), Data.representation("b", b)).value();
  }

  private static org.assertj.core.data.Offset<Double> near(double value, double relative) {
    return org.assertj.core.data.Offset.offset(relative * Math.max(1, Math.abs(value)));
  }
}
