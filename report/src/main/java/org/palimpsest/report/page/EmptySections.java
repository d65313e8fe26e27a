package org.palimpsest.report.page;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.StudyView;

/** Which sections of the page would have nothing to show of a study. */
record EmptySections(EvolutionTable table, StudyIndex index, List<ReportPicture> pictures) {

  Set<String> names() {
    Set<String> empty = new LinkedHashSet<>();
    boolean scored = table.checkpoints().stream().anyMatch(c -> c.checkpoint().score().isPresent());
    if (index.hasNoCurves()) {
      empty.add("curves");
      if (!scored) {
        empty.add("overview");
      }
    }
    if (!any(this::hasLayerMaps)) {
      empty.add("layers");
    }
    if (!any(measure -> hasRunWith(run -> !index.stepsOfMaps(measure, run).isEmpty()))) {
      empty.add("steps");
    }
    if (index.groupRows().isEmpty() && !(index.hasNoCurves() && !index.finals().isEmpty())) {
      empty.add("groups");
    }
    if (pictures.isEmpty() && !any(this::hasCurvesOfWeights)) {
      empty.add("weights");
    }
    return empty;
  }

  private boolean any(Predicate<String> measures) {
    return index.measures().stream().anyMatch(measures);
  }

  private boolean hasRunWith(Predicate<String> runs) {
    return index.runs().stream().anyMatch(runs);
  }

  private boolean hasLayerMaps(String measure) {
    return hasRunWith(run -> !index.layerMaps(measure, run).isEmpty())
        || !index.networkMaps(StudyView.FINAL_LAYERS, measure).isEmpty()
        || !index.networkMaps(StudyView.PAIRS, measure).isEmpty();
  }

  private boolean hasCurvesOfWeights(String measure) {
    return index.measure(measure).ofWeights() && !index.curves(measure).isEmpty();
  }
}
