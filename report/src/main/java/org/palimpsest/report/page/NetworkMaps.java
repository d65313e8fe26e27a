package org.palimpsest.report.page;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun.RunStep;

/** Layers × layers of different networks: the ends of runs, and pairs that the study names. */
final class NetworkMaps {

  private final StudyIndex index;
  private final String measure;

  NetworkMaps(StudyIndex index, String measure) {
    this.index = index;
    this.measure = measure;
  }

  /** The ends of any two runs, as a mean over the runs of each two groups. */
  List<PairMap> ofGroups() {
    Map<List<String>, List<ScoreMatrix>> byGroups = new LinkedHashMap<>();
    index
        .networkMaps(Study.View.FINAL_LAYERS, measure)
        .forEach(
            (pair, matrix) ->
                byGroups
                    .computeIfAbsent(
                        List.of(index.group(pair.a().run()), index.group(pair.b().run())),
                        groups -> new ArrayList<>())
                    .add(matrix));
    List<PairMap> maps = new ArrayList<>();
    byGroups.forEach((groups, matrices) -> maps.add(ofGroups(groups, matrices)));
    return maps;
  }

  private static PairMap ofGroups(List<String> groups, List<ScoreMatrix> matrices) {
    String count = matrices.size() == 1 ? "1 pair" : "mean of " + matrices.size() + " pairs";
    return new PairMap(
        "%s / %s (%s)".formatted(groups.get(0), groups.get(1), count),
        "end of a run of " + groups.get(0),
        "end of a run of " + groups.get(1),
        ScoreMatrix.mean(matrices));
  }

  /** The ends of any two runs, each pair by itself. */
  List<PairMap> ofRuns() {
    return each(Study.View.FINAL_LAYERS);
  }

  /** The checkpoints that the study names. */
  List<PairMap> ofNamed() {
    return each(Study.View.PAIRS);
  }

  private List<PairMap> each(Study.View view) {
    List<PairMap> maps = new ArrayList<>();
    index.networkMaps(view, measure).forEach((pair, matrix) -> maps.add(ofPair(pair, matrix)));
    return maps;
  }

  private static PairMap ofPair(RunStep.Pair pair, ScoreMatrix matrix) {
    String rows = inWords(pair.a().run(), pair.a().step());
    String columns = inWords(pair.b().run(), pair.b().step());
    return new PairMap(rows + " / " + columns, rows, columns, matrix);
  }

  private static String inWords(String run, long step) {
    return run + " at step " + step;
  }

  /**
   * All layers of one network against all layers of another.
   *
   * @param name which networks
   * @param rows what the rows are layers of
   * @param columns what the columns are layers of
   */
  record PairMap(String name, String rows, String columns, ScoreMatrix matrix) {}
}
