package org.palimpsest.core.evolution;

import java.util.List;
import java.util.OptionalLong;

/** A study of fake networks, for the tests of the tracker. */
abstract class TrackedStudy {

  static final TrainingRun SOURCE = FakeStudy.run("source", 0, 0, 8);
  static final List<TrainingRun> RUNS =
      List.of(
          FakeStudy.run("random", 0, 0, 2, 5),
          FakeStudy.run("random", 1, 0, 2, 5),
          FakeStudy.run("transfer", 0, 0, 2, 5),
          FakeStudy.run("transfer", 1, 0, 2, 5));

  final FakeStudy fake = new FakeStudy();

  Study study() {
    return fake.study(RUNS).withSource(SOURCE);
  }

  static double value(
      EvolutionTable table, Study.View view, String runA, long stepA, String runB, long stepB) {
    return table.rows(view).stream()
        .filter(r -> r.runA().equals(runA) && r.stepA().equals(OptionalLong.of(stepA)))
        .filter(r -> r.runB().equals(runB) && r.stepB().equals(OptionalLong.of(stepB)))
        .filter(r -> r.layerA().equals("single") && r.layerB().equals("single"))
        .findFirst()
        .orElseThrow()
        .measurement()
        .value();
  }
}
