package org.palimpsest.examples;

import static org.palimpsest.examples.claims.KarimiClaims.BETTER;
import static org.palimpsest.examples.claims.KarimiClaims.TRANSFER_IS_BETTER_WHERE_HARD_AND_FEW;
import static org.palimpsest.examples.claims.KarimiClaims.TRANSFER_IS_FASTER;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
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
import org.palimpsest.examples.verdict.Estimate;
import org.palimpsest.examples.verdict.Finding;
import org.palimpsest.examples.verdict.Rule;
import org.palimpsest.io.plot.Figure;
import org.palimpsest.io.plot.TrainingCurves;
import org.palimpsest.io.plot.TrainingCurves.Curve;
import picocli.CommandLine.Command;

/** Does transfer make training faster, and its result better? */
@Command(
    name = "TransferBenefit",
    description = {
      "Trains networks from a source's weights and from scratch under several conditions, and"
          + " compares how soon and how well they learn."
    })
public final class TransferBenefit extends ExperimentMain {

  private static final double NEARLY = 0.95;

  /**
   * What became of one condition, seed by seed.
   *
   * @param hardAndFew whether the target is hard and its images few
   * @param transfer Dice by step of each transferred network
   * @param random Dice by step of each network of the same seed that started at random
   */
  record Curves(
      boolean hardAndFew,
      List<SortedMap<Long, Double>> transfer,
      List<SortedMap<Long, Double>> random) {}

  TransferBenefit(UnaryOperator<Setting> change) {
    super("transfer-benefit", 3, change);
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new TransferBenefit(UnaryOperator.identity()), arguments);
  }

  @Override
  ExperimentReport run(Lab lab) {
    Setting setting = lab.setting();
    List<RunRecipe> all = new ArrayList<>();
    for (Condition condition : setting.conditions()) {
      all.addAll(lab.recipes(seed -> setting.transfer(condition, seed)));
      all.addAll(lab.recipes(seed -> setting.random(condition, seed)));
    }
    lab.train(all);
    Map<String, Curves> curves = new LinkedHashMap<>();
    for (Condition condition : setting.conditions()) {
      curves.put(
          condition.label(),
          new Curves(
              condition.hardAndFew(),
              dice(lab, lab.recipes(seed -> setting.transfer(condition, seed))),
              dice(lab, lab.recipes(seed -> setting.random(condition, seed)))));
    }
    return ExperimentReport.of(
            name(), "Is training faster with transfer, and its result better?", setting.describe())
        .withFindings(findings(curves))
        .withTable(table(curves))
        .withPicture(name(), "Dice on held-out images by step.", picture(curves));
  }

  private static List<SortedMap<Long, Double>> dice(Lab lab, List<RunRecipe> recipes) {
    return recipes.stream().map(lab.networks()::dice).toList();
  }

  /** The verdicts, from the curves of each condition. */
  static List<Finding> findings(Map<String, Curves> conditions) {
    Finding speed = Finding.on(TRANSFER_IS_FASTER);
    Finding quality = Finding.on(TRANSFER_IS_BETTER_WHERE_HARD_AND_FEW);
    for (Map.Entry<String, Curves> condition : conditions.entrySet()) {
      Curves curves = condition.getValue();
      speed =
          speed.with(
              "doublings of speed: " + condition.getKey(),
              Estimate.ofPairedDifference(logSteps(curves.random()), logSteps(curves.transfer())));
      quality =
          quality.with(
              "Dice, transfer minus random: " + condition.getKey(),
              Estimate.ofPairedDifference(finals(curves.transfer()), finals(curves.random())),
              curves.hardAndFew() ? quality.claim().rule() : new Rule.Below(BETTER));
    }
    return List.of(speed, quality);
  }

  private static List<Double> finals(List<SortedMap<Long, Double>> curves) {
    return curves.stream().map(TransferBenefit::last).toList();
  }

  private static double last(SortedMap<Long, Double> curve) {
    return Objects.requireNonNull(curve.get(curve.lastKey()));
  }

  private static List<Double> logSteps(List<SortedMap<Long, Double>> curves) {
    return curves.stream().map(c -> Math.log(stepsToNearly(c)) / Math.log(2)).toList();
  }

  /** The first step at which a network has 95% of its final Dice; at least 1. */
  static double stepsToNearly(SortedMap<Long, Double> curve) {
    double goal = NEARLY * last(curve);
    return curve.entrySet().stream()
        .filter(step -> step.getValue() >= goal)
        .mapToDouble(step -> Math.max(1, step.getKey()))
        .findFirst()
        .orElseThrow();
  }

  private static ReportTable table(Map<String, Curves> conditions) {
    ReportTable table =
        ReportTable.of(
            "conditions",
            "Means over seeds; steps are those to 95% of the network's own final Dice.",
            "condition",
            "Dice, transfer",
            "Dice, random",
            "steps, transfer",
            "steps, random");
    for (Map.Entry<String, Curves> condition : conditions.entrySet()) {
      Curves curves = condition.getValue();
      table =
          table.with(
              condition.getKey(),
              LayerPairs.mean(finals(curves.transfer())),
              LayerPairs.mean(finals(curves.random())),
              meanSteps(curves.transfer()),
              meanSteps(curves.random()));
    }
    return table;
  }

  private static long meanSteps(List<SortedMap<Long, Double>> curves) {
    return Math.round(
        curves.stream().mapToDouble(TransferBenefit::stepsToNearly).average().orElseThrow());
  }

  private static Figure picture(Map<String, Curves> conditions) {
    TrainingCurves picture =
        TrainingCurves.of("Dice on held-out images", Range.UNIT)
            .withTitle("Dice during training")
            .withDetail("lines are means over seeds, bands reach from the least to the greatest");
    for (Map.Entry<String, Curves> condition : conditions.entrySet()) {
      Curves curves = condition.getValue();
      picture =
          picture.withPane(
              condition.getKey(),
              List.of(
                  Curve.ofRuns("transfer", curves.transfer()),
                  Curve.ofRuns("random", curves.random())));
    }
    return picture.draw();
  }
}
