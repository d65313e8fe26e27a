package org.palimpsest.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.StudyFolder;
import org.palimpsest.similarity.uncertainty.Intervals;

/**
 * A study as it was asked for.
 *
 * @param runs where its runs were found
 * @param study what is asked
 * @param weights by what weights are compared
 * @param intervals gives scores their intervals over probes, if they are wanted
 * @param shown what networks are shown, for people
 * @param notes what was decided that nobody asked for
 */
record AskedStudy(
    RunsFolder runs,
    Study study,
    List<WeightComparison> weights,
    Optional<Intervals> intervals,
    String shown,
    List<String> notes) {

  StudyFolder.Settings settings() {
    StudyFolder.Settings plain =
        StudyFolder.Settings.of(runs.root(), study, weights).withFact("shown", shown);
    String made = intervals.map(Intervals::settings).orElse("");
    return KeptCheckpoints.remember(plain.withValues(Map.of("intervals", made)), runs);
  }

  /** The measures that sum it up: of representations or, if only weights are compared, of these. */
  Set<String> headline() {
    return study.measures().isEmpty()
        ? Set.of("weight_relative_change", "filter_matched_cosine")
        : study.measures().stream().map(Measure::name).collect(Collectors.toSet());
  }

  /** The same questions to other runs, such as those of the same folder a while later. */
  AskedStudy about(RunsFolder others) {
    Study same = study.withRuns(others.source(), others.runs());
    return new AskedStudy(others, same, weights, intervals, shown, notes);
  }
}
