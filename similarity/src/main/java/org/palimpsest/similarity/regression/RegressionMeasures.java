package org.palimpsest.similarity.regression;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.linalg.RankTolerance;
import org.palimpsest.similarity.regression.LinearRegression.Target;

/** This package's part of the catalogue. */
public final class RegressionMeasures {

  private RegressionMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of(
            "linear_regression_x_from_y",
            RankTolerance.PARAMETER,
            parameters -> new LinearRegression(Target.X_FROM_Y, RankTolerance.from(parameters, 0))),
        MeasureEntry.of(
            "linear_regression_y_from_x",
            RankTolerance.PARAMETER,
            parameters -> new LinearRegression(Target.Y_FROM_X, RankTolerance.from(parameters, 0))),
        MeasureEntry.of(
            "gulp",
            "L, the ridge, above 0 (0.01)",
            parameters -> {
              parameters.requireAtMost(1);
              return new Gulp(parameters.number(0, 0.01, Double.MIN_VALUE, Double.MAX_VALUE));
            }));
  }
}
