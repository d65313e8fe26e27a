package org.palimpsest.similarity.cca;

import java.util.List;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.catalogue.MeasureParameters;
import org.palimpsest.similarity.linalg.RankTolerance;

/** This package's part of the catalogue. */
public final class CcaMeasures {

  private static final String SVCCA_PARAMETERS =
      "T, the fraction of the variance to keep (0.99); or plain=T, the fraction of the sum of singular values; or k=K, a number of components";
  private static final String PWCCA_PARAMETERS =
      "x or y, the layer that weighs (x); " + RankTolerance.PARAMETER;

  private CcaMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of(
            "cca_mean",
            RankTolerance.PARAMETER,
            parameters -> new CcaMean(false, RankTolerance.from(parameters, 0))),
        MeasureEntry.of(
            "cca_mean_squared",
            RankTolerance.PARAMETER,
            parameters -> new CcaMean(true, RankTolerance.from(parameters, 0))),
        MeasureEntry.of("svcca", SVCCA_PARAMETERS, CcaMeasures::svcca),
        MeasureEntry.of("pwcca", PWCCA_PARAMETERS, CcaMeasures::pwcca),
        MeasureEntry.of(
            "eigenspace_overlap",
            RankTolerance.PARAMETER,
            parameters -> new EigenspaceOverlap(RankTolerance.from(parameters, 0))));
  }

  private static Measure<?> svcca(MeasureParameters parameters) {
    parameters.requireAtMost(1, "plain", "k");
    int given =
        (parameters.word(0, "").isEmpty() ? 0 : 1)
            + (parameters.has("plain") ? 1 : 0)
            + (parameters.has("k") ? 1 : 0);
    if (given > 1) {
      throw parameters.refuse("only one of the three can be given");
    }
    if (parameters.has("k")) {
      return new Svcca(Truncation.ofCount(parameters.whole("k", 1, 1, Integer.MAX_VALUE)));
    }
    if (parameters.has("plain")) {
      return new Svcca(
          Truncation.ofSingularValues(parameters.number("plain", 1, Double.MIN_VALUE, 1)));
    }
    return new Svcca(Truncation.ofVariance(parameters.number(0, 0.99, Double.MIN_VALUE, 1)));
  }

  private static Measure<?> pwcca(MeasureParameters parameters) {
    RankTolerance tolerance = RankTolerance.from(parameters, 1);
    return switch (parameters.word(0, "x")) {
      case "x" -> new Pwcca(Pwcca.Side.X, tolerance);
      case "y" -> new Pwcca(Pwcca.Side.Y, tolerance);
      default -> throw parameters.refuse("'%s' is no side".formatted(parameters.word(0, "")));
    };
  }
}
