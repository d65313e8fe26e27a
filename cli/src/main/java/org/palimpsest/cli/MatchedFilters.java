package org.palimpsest.cli;

import java.util.Optional;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.report.page.StudyReport;
import org.palimpsest.report.plot.NullDistribution;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.NetworkFilterComparison.Pair;
import org.palimpsest.similarity.weights.FilterBank;
import org.palimpsest.similarity.weights.NetworkFilters;

/** How well the filters of a layer match those of another, beside what chance gives. */
final class MatchedFilters {

  private static final int LEAST_MATCHES_BY_CHANCE = 400;
  private static final int LEAST_FILTERS = 2;
  private static final FilterDistance DISTANCE =
      FilterDistance.by(FilterDistance.Proximity.COSINE).withSimulations(0);

  private MatchedFilters() {}

  /** The picture, to which what the filters come from is still to be added. */
  static NullDistribution of(FilterBank a, FilterBank b) {
    double[] observed =
        DISTANCE.compare(a, b).matching().stream().mapToDouble(Pair::value).toArray();
    return NullDistribution.simulated(
            "cosine of matched filters",
            observed,
            DISTANCE.matchedByChance(a, b, LEAST_MATCHES_BY_CHANCE),
            NullDistribution.Tail.UPPER)
        .withTitle("Matched filters of " + a.layer())
        .withDetail(
            "Chance: matched filters of networks that know nothing of each other, simulated");
  }

  /** For a report: filters at the first and the last checkpoint. */
  static Optional<StudyReport.Picture> beforeAndAfter(
      String run, String layer, Weights before, Weights after) {
    NetworkFilters ofBefore = NetworkFilters.of(before);
    NetworkFilters ofAfter = NetworkFilters.of(after);
    if (!hasSeveral(ofBefore, layer)
        || !hasSeveral(ofAfter, layer)
        || !areDefined(ofBefore.bank(layer), ofAfter.bank(layer))) {
      return Optional.empty();
    }
    NullDistribution picture =
        of(ofBefore.bank(layer), ofAfter.bank(layer))
            .withDetail("run " + run + ", the first checkpoint and the last");
    String caption =
        "Filters of %s at the first and the last checkpoint, best matched, beside what unrelated filters give; run %s"
            .formatted(layer, run);
    return Optional.of(
        new StudyReport.Picture("matched_" + run + "_" + layer, caption, picture.draw()));
  }

  /** Whether both layers have filters that are not zero. */
  static boolean areDefined(FilterBank a, FilterBank b) {
    return DISTANCE.isDefinedFor(a) && DISTANCE.isDefinedFor(b);
  }

  private static boolean hasSeveral(NetworkFilters filters, String layer) {
    return filters.layout(layer).filter(known -> known.filters() >= LEAST_FILTERS).isPresent();
  }
}
