package org.palimpsest.examples;

import static org.palimpsest.examples.claims.KarimiClaims.FROZEN_RANDOM_ENCODER_IS_QUITE_ACCURATE;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.palimpsest.core.measure.Range;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.experiment.Condition;
import org.palimpsest.examples.experiment.Lab;
import org.palimpsest.examples.experiment.LayerPairs;
import org.palimpsest.examples.experiment.Setting;
import org.palimpsest.examples.report.ExperimentReport;
import org.palimpsest.examples.report.ReportTable;
import org.palimpsest.examples.trained.RunRecipe;
import org.palimpsest.examples.trained.Start;
import org.palimpsest.examples.verdict.Estimate;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.ProfileChart;
import picocli.CommandLine.Command;

/** How well does a network do whose encoder keeps the weights that it started with? */
@Command(
    name = "FrozenEncoder",
    description = {
      "Trains networks whole, with their encoder frozen at random weights, and with it frozen at"
          + " the source's weights, and compares their Dice."
    })
public final class FrozenEncoder extends ExperimentMain {

  /**
   * Final Dice under one condition, seed by seed.
   *
   * @param whole of networks that start at random and are trained whole
   * @param frozenRandom of those whose encoder is frozen at random
   * @param frozenPretrained of those whose encoder is frozen at the source's
   */
  record Scores(List<Double> whole, List<Double> frozenRandom, List<Double> frozenPretrained) {

    Map<String, List<Double>> byName() {
      Map<String, List<Double>> named = new LinkedHashMap<>();
      named.put("random, trained", whole);
      named.put("random, frozen", frozenRandom);
      named.put("source's, frozen", frozenPretrained);
      return named;
    }
  }

  FrozenEncoder(UnaryOperator<Setting> change) {
    super("frozen-encoder", 3, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new FrozenEncoder(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    List<Condition> conditions = lab.setting().conditions().stream().limit(2).toList();
    List<RunRecipe> all = new ArrayList<>();
    conditions.forEach(
        c -> recipes(lab.setting(), c).forEach(recipe -> all.addAll(lab.recipes(recipe))));
    lab.train(all);
    Map<String, Scores> dice = new LinkedHashMap<>();
    for (Condition condition : conditions) {
      List<List<Double>> finals =
          recipes(lab.setting(), condition).stream().map(r -> finalDice(lab, r)).toList();
      dice.put(condition.label(), new Scores(finals.get(0), finals.get(1), finals.get(2)));
    }
    return ExperimentReport.of(
            name(), "How well does a frozen encoder do?", lab.setting().describe())
        .withFindings(findings(dice))
        .withTable(table(dice))
        .withPicture(name(), "Dice, a dot per network.", picture(dice))
        .withNote(
            "Frozen are the encoder's kernels, biases, scales and shifts; the running statistics of"
                + " its batch normalisation follow the data. The decoder of a frozen network starts"
                + " at random.");
  }

  /** In the order of {@link Scores}. */
  private static List<LongFunction<RunRecipe>> recipes(Setting setting, Condition condition) {
    List<String> encoder = setting.network().encoder();
    RunRecipe source = setting.source(condition);
    return List.of(
        seed -> setting.random(condition, seed),
        seed -> setting.random(condition, seed).withFrozen(encoder),
        seed ->
            setting
                .random(condition, seed)
                .withStart(new Start.Transferred(source, encoder, 1 + seed))
                .withFrozen(encoder));
  }

  private static List<Double> finalDice(Lab lab, LongFunction<RunRecipe> recipe) {
    return lab.runs("network", recipe).stream()
        .map(run -> run.end().score().orElseThrow())
        .toList();
  }

  /** The verdict, from the Dice under each condition. */
  static List<Finding> findings(Map<String, Scores> dice) {
    Finding accuracy = Finding.on(FROZEN_RANDOM_ENCODER_IS_QUITE_ACCURATE);
    for (Map.Entry<String, Scores> condition : dice.entrySet()) {
      Scores scores = condition.getValue();
      accuracy =
          accuracy.with(
              "Dice, frozen at random / trained whole: " + condition.getKey(),
              Estimate.ofMean(ratios(scores.frozenRandom(), scores.whole())));
    }
    return List.of(accuracy);
  }

  private static List<Double> ratios(List<Double> values, List<Double> others) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      ratios.add(values.get(i) / others.get(i));
    }
    return ratios;
  }

  private static ReportTable table(Map<String, Scores> dice) {
    ReportTable table =
        ReportTable.of(
            "dice",
            "Dice on held-out images, by the encoder's first weights and what was trained.",
            "condition",
            "encoder",
            "mean",
            "least",
            "most");
    for (Map.Entry<String, Scores> condition : dice.entrySet()) {
      for (Map.Entry<String, List<Double>> kind : condition.getValue().byName().entrySet()) {
        List<Double> values = kind.getValue();
        table =
            table.with(
                condition.getKey(),
                kind.getKey(),
                LayerPairs.mean(values),
                values.stream().mapToDouble(v -> v).min().orElseThrow(),
                values.stream().mapToDouble(v -> v).max().orElseThrow());
      }
    }
    return table;
  }

  private static Figure picture(Map<String, Scores> dice) {
    return dice.entrySet().stream()
        .map(condition -> chart(condition.getKey(), condition.getValue().byName()).draw(620))
        .reduce(Figure::beside)
        .orElseThrow();
  }

  private static ProfileChart chart(String title, Map<String, List<Double>> dice) {
    return ProfileChart.of(List.copyOf(dice.keySet()), "Dice at the last step", Range.UNIT)
        .withTitle(title)
        .withDetail("the encoder's first weights, and whether they were frozen; a dot per network")
        .withoutLegend()
        .withSeparate(kind -> dice.getOrDefault(kind, List.of()));
  }
}
