package org.palimpsest.reproduction.commands;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.reproduction.experiment.Condition;
import org.palimpsest.reproduction.experiment.Lesson;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.phantom.PhantomFamily;
import org.palimpsest.reproduction.phantom.PhantomTask;
import org.palimpsest.reproduction.training.TrainingPlan;
import org.palimpsest.reproduction.training.UNetDesign;

/** Experiments in miniature: networks that are trained in a tenth of a second. */
final class Miniature {

  private static final List<Integer> GRID = List.of(16, 16);

  /** What a main class printed. */
  record Outcome(int code, String out, String err) {}

  private Miniature() {}

  static Setting setting(int targetSteps, int seeds) {
    TrainingPlan plan = new TrainingPlan(targetSteps, 2, 2e-3f, List.of(1, 2));
    return new Setting(
        UNetDesign.small().withWidth(2),
        condition("hard, few", 2, plan),
        List.of(condition("hard, many", 4, plan)),
        2,
        3,
        seeds);
  }

  /** Three seeds, whatever the options ask for. */
  static Setting ofThree(Setting ignored) {
    return setting(3, 3);
  }

  private static Condition condition(String label, int images, TrainingPlan plan) {
    return new Condition(
        label,
        new Lesson(
            new PhantomTask(PhantomFamily.ORGANS, 0.2, GRID, 1),
            4,
            new TrainingPlan(3, 2, 2e-3f, List.of())),
        new Lesson(new PhantomTask(PhantomFamily.VESSELS, 0.2, GRID, 2), images, plan));
  }

  /** Runs a main class. */
  static Outcome run(Object main, Path networks, Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--networks", networks.toString(), "-o", output.toString()));
    arguments.addAll(List.of(more));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Palimpsest.run(
            main,
            arguments.toArray(new String[0]),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
    }
  }
}
