package org.palimpsest.core.evolution;

import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.RunStep;

/**
 * Two checkpoints that a view holds against each other.
 *
 * @param view which view asks
 * @param a the first
 * @param b the second
 * @param allLayers all pairs of layers, instead of layers of the same name alone
 */
record Pairing(Study.View view, RunStep a, RunStep b, boolean allLayers) {

  /** What the views of a study hold against what, in the order of the views. */
  static List<Pairing> all(Study study) {
    List<Pairing> pairings = new ArrayList<>();
    for (Study.View view : Study.View.values()) {
      if (study.views().contains(view)) {
        pairings.addAll(pairings(study, view));
      }
    }
    return pairings;
  }

  private static List<Pairing> pairings(Study study, Study.View view) {
    return switch (view) {
      case TO_SOURCE -> toSource(study);
      case FINALS, FINAL_LAYERS -> finals(study, view);
      case PAIRS -> named(study);
      case GROUPS -> finals(study, Study.View.FINALS).stream().map(Pairing::reversed).toList();
      case TO_START, TO_END, TO_NEXT, STEPS, LAYERS ->
          study.allRuns().stream().flatMap(run -> withinRun(run, view).stream()).toList();
    };
  }

  private static List<Pairing> withinRun(TrainingRun run, Study.View view) {
    List<Pairing> pairings = new ArrayList<>();
    List<Checkpoint> steps = run.checkpoints();
    for (int i = 0; i < steps.size(); i++) {
      RunStep at = RunStep.of(run, steps.get(i));
      switch (view) {
        case TO_START -> pairings.add(new Pairing(view, at, RunStep.of(run, run.start()), false));
        case TO_END -> pairings.add(new Pairing(view, at, RunStep.of(run, run.end()), false));
        case LAYERS -> pairings.add(new Pairing(view, at, RunStep.of(run, run.end()), true));
        case TO_NEXT -> {
          if (i + 1 < steps.size()) {
            pairings.add(new Pairing(view, at, RunStep.of(run, steps.get(i + 1)), false));
          }
        }
        default -> {
          for (Checkpoint other : steps) {
            pairings.add(new Pairing(view, at, RunStep.of(run, other), false));
          }
        }
      }
    }
    return pairings;
  }

  private static List<Pairing> toSource(Study study) {
    if (study.source().isEmpty()) {
      return List.of();
    }
    TrainingRun source = study.source().get();
    RunStep learned = RunStep.of(source, source.end());
    return study.runs().stream()
        .flatMap(run -> run.checkpoints().stream().map(step -> RunStep.of(run, step)))
        .map(at -> new Pairing(Study.View.TO_SOURCE, at, learned, false))
        .toList();
  }

  private static List<Pairing> named(Study study) {
    return study.pairs().stream()
        .filter(pair -> study.holds(pair.a()) && study.holds(pair.b()))
        .map(pair -> new Pairing(Study.View.PAIRS, pair.a(), pair.b(), true))
        .toList();
  }

  /** Groups need what is not symmetric in both directions. */
  private static Pairing reversed(Pairing finals) {
    return new Pairing(Study.View.GROUPS, finals.b(), finals.a(), finals.allLayers());
  }

  private static List<Pairing> finals(Study study, Study.View view) {
    boolean allLayers = view == Study.View.FINAL_LAYERS;
    List<Pairing> pairings = new ArrayList<>();
    List<TrainingRun> runs = study.runs();
    for (int i = 0; i < runs.size(); i++) {
      for (int j = i + 1; j < runs.size(); j++) {
        RunStep a = RunStep.of(runs.get(i), runs.get(i).end());
        RunStep b = RunStep.of(runs.get(j), runs.get(j).end());
        pairings.add(new Pairing(view, a, b, allLayers));
      }
    }
    return pairings;
  }
}
