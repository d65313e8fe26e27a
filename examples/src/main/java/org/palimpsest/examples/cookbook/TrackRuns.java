package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import java.util.List;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTracker;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.cka.Cka;

/** How far is each layer, at each checkpoint, from where it started? */
public final class TrackRuns {

  private TrackRuns() {}

  /**
   * @param arguments a folder of training runs: {@code random/seed0/step_0000.pt}, … and {@code
   *     probes.npy}
   */
  public static void main(String[] arguments) {
    RunsFolder runs = RunsFolder.open(Path.of(arguments[0]));
    Study study =
        Study.of(runs.runs(), NpyProbes.open(runs.requireProbes()), List.of(Cka.linear()));

    EvolutionTable table = EvolutionTracker.of(new CheckpointFiles()).track(study);

    table
        .rows(Study.View.TO_START)
        .forEach(
            row ->
                System.out.printf(
                    "%s  step %d  %s  %.3f%n",
                    row.runA(),
                    row.stepA().orElseThrow(),
                    row.layerA(),
                    row.measurement().value()));
  }
}
