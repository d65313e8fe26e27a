package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.statistics.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.LearningCurve;
import org.palimpsest.similarity.statistics.SpeedUp;

/** Transfer makes training faster: steps to goals that are common to both arms. */
record FasterTraining() implements Claim {

  private static final double EFFECT = 0.5;
  private static final List<String> GOALS = List.of("50 %", "75 %", "90 %");

  @Override
  public String number() {
    return "1";
  }

  @Override
  public String key() {
    return "faster";
  }

  @Override
  public String statement() {
    return "Transfer makes training faster";
  }

  @Override
  public String judged() {
    return "For each run: how many training steps it takes to reach 50, 75 and 90 % of the Dice that"
        + " networks from random weights end up with. The goals are the same for both arms, so"
        + " that a better network is not punished for aiming higher. The figure counts doublings: 1"
        + " means that transferred networks need half as many steps, 0 that there is no difference,"
        + " negative figures that they are slower. The claim holds if the whole interval lies above"
        + " 0, in every condition.";
  }

  @Override
  public String needs() {
    return "runs from a source and runs from random weights of the same task, each with at least"
        + " three scores during training";
  }

  @Override
  public Finding judge(Observations observations) {
    List<Arms> arms =
        observations.conditions().stream()
            .map(condition -> Arms.of(observations, condition))
            .filter(both -> !Arms.curves(both.random()).isEmpty())
            .filter(both -> !Arms.curves(both.transferred()).isEmpty())
            .toList();
    if (arms.isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Evidence> goals = new ArrayList<>();
    List<Curve> curves = new ArrayList<>();
    for (Arms both : arms) {
      SpeedUp speed = both.speedUp();
      evidence.add(over("doublings of speed", speed.estimate(), both));
      for (int goal = 0; goal < GOALS.size(); goal++) {
        goals.add(over("doublings to " + GOALS.get(goal), speed.estimateAt(goal), both).beside());
      }
      curves.addAll(both.drawn());
    }
    Judgement judgement =
        explained(Judgement.allOf(evidence.stream().map(Evidence::judgement).toList()), arms);
    List<Evidence> all = Stream.concat(evidence.stream(), goals.stream()).toList();
    Finding finding =
        Finding.of(this, judgement, all)
            .withCurves(curves)
            .covering(Captions.varying(true), Captions.fixedOfScores(arms.get(0).sources()))
            .withCaveats(Captions.ofFew(evidence))
            .withCaveats(
                List.of(
                    "Steps between two scores are interpolated; where many runs reach a goal"
                        + " before the first score or never, ranks are compared and the interval may"
                        + " be open. Scores at more steps make it narrower."));
    for (Arms both : arms) {
      finding = finding.with(table(both)).withCaveats(both.caveats());
    }
    return finding;
  }

  /** Where goals are reached before the first score, more networks are not all that would help. */
  private static Judgement explained(Judgement judgement, List<Arms> arms) {
    List<String> reasons = new ArrayList<>(judgement.reasons());
    for (Arms both : arms) {
      List<Double> goals = both.speedUp().goals();
      long early =
          Stream.concat(both.random().stream(), both.transferred().stream())
              .flatMap(run -> run.curve().stream())
              .filter(curve -> Double.isInfinite(curve.log2StepTo(goals.get(0)).low()))
              .count();
      if (early > 0 && !reasons.isEmpty()) {
        reasons.add(
            "%d runs reach the first goal before their first score: log scores at earlier steps and all steps can be compared."
                .formatted(early));
      }
    }
    return new Judgement(judgement.pFor(), judgement.pAgainst(), reasons);
  }

  private static Evidence over(String what, Estimate estimate, Arms arms) {
    return Evidence.above(arms.condition().named(what), estimate, 0, Scale.PLAIN)
        .needing(estimate, EFFECT, "0.5 doublings, which is 1.4 times faster");
  }

  private static Grid table(Arms arms) {
    List<Double> goals = arms.speedUp().goals();
    List<List<String>> rows = new ArrayList<>();
    Stream.concat(arms.transferred().stream(), arms.random().stream())
        .forEach(run -> run.curve().ifPresent(curve -> rows.add(row(run, curve, goals))));
    List<String> header = new ArrayList<>(List.of("network"));
    for (int i = 0; i < goals.size(); i++) {
      header.add("steps to %s (Dice %s)".formatted(GOALS.get(i), Numbers.of(goals.get(i))));
    }
    header.add("Dice at the end");
    return new Grid(arms.condition().named("Steps per network"), header, rows);
  }

  private static List<String> row(ObservedRun run, LearningCurve curve, List<Double> goals) {
    List<String> row = new ArrayList<>(List.of(run.name()));
    goals.forEach(goal -> row.add(steps(curve.log2StepTo(goal))));
    row.add(Numbers.of(curve.plateau()));
    return row;
  }

  private static String steps(CensoredValue log2) {
    if (log2.isExact()) {
      return String.valueOf(Math.round(Math.pow(2, log2.low())));
    }
    return Double.isInfinite(log2.low())
        ? "at most " + Math.round(Math.pow(2, log2.high()))
        : "not by " + Math.round(Math.pow(2, log2.low()));
  }
}
