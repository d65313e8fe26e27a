package org.palimpsest.benchmarks;

import java.util.Map;

/**
 * The table, as Markdown.
 *
 * @param peakHere float32 GFLOP/s of a large product here
 * @param peakInNumPy the same in NumPy
 */
record Report(double peakHere, double peakInNumPy) {

  private static final String HERE = "palimpsest";
  private static final String NOT_FOR_THIS = "not for this workload";

  String header() {
    return """
        float32 product of 2048 × 2048: %.0f GFLOP/s here, %.0f in NumPy; 2 threads each

        | workload | side | first s | best s | peak MB | times ours | of peak | largest difference |
        | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
        """
        .formatted(peakHere, peakInNumPy);
  }

  String rows(Workload workload, Map<String, SideOutcome> outcomes) {
    StringBuilder rows = new StringBuilder();
    SideOutcome ours = outcomes.get(HERE);
    outcomes.forEach(
        (side, outcome) -> {
          if (outcome.ran()) {
            rows.append(row(workload, side, outcome, ours == null ? outcome : ours));
          } else if (!outcome.failure().contains(NOT_FOR_THIS)) {
            rows.append(
                "| %s | %s | did not run: %s | | | | | |%n"
                    .formatted(workload, side, outcome.failure()));
          }
        });
    return rows.toString();
  }

  private String row(Workload workload, String side, SideOutcome outcome, SideOutcome ours) {
    double gigaflops = workload.productFlops() / outcome.best() / 1e9;
    return "| %s | %s | %.3f | %.3f | %s | %.2f | %.0f %% | %.1e |%n"
        .formatted(
            side.equals(HERE) ? workload + " " + workload.title() : workload,
            side,
            outcome.first(),
            outcome.best(),
            outcome.megabytes(),
            outcome.best() / ours.best(),
            100 * gigaflops / peakHere,
            ours.ran() ? outcome.largestDifference(ours) : Double.NaN);
  }
}
