package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.LearningCurve;
import org.palimpsest.similarity.internal.statistics.SpeedUp;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Transfer makes training faster: steps to goals that are common to both arms. */
final class FasterTraining extends Claim {

  private static final double EFFECT = 0.5;

  /** In Dice: who rises by less has learned nothing that could be reached earlier. */
  private static final double LEAST_RISE = 0.01;

  private static final String INTERPOLATED =
      "Steps between two scores are interpolated; where many runs reach a goal before the first"
          + " score after step 0 or never, ranks are compared and the interval may be open. Scores at"
          + " more steps make it narrower.";
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
        + " 0, in every condition. Where networks from random weights end less than 0.01 above"
        + " their start, or above the floor, there is no level to reach.";
  }

  @Override
  public String needs() {
    return "runs from a source and runs from random weights of the same task, each with at least"
        + " three scores after step 0";
  }

  @Override
  Finding judge(Observations observations) {
    List<Arms> arms = scored(observations);
    if (arms.isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Evidence> goals = new ArrayList<>();
    List<Arms> levelled = new ArrayList<>();
    for (Arms both : arms) {
      Optional<String> noLevel = noLevel(both, Arms.scored(observations.floor(both.condition())));
      if (noLevel.isPresent()) {
        evidence.add(refused(both, noLevel.get()));
      } else {
        levelled.add(both);
        SpeedUp speed = both.speedUp();
        evidence.add(
            over(Quantity.DOUBLINGS_OF_SPEED, "doublings of speed", speed.estimate(), both));
        goals.addAll(toGoals(speed, both));
      }
    }
    List<Arms> untold = levelled.stream().filter(Predicate.not(FasterTraining::isTold)).toList();
    Judgement judgement =
        explained(Judgement.allOf(evidence.stream().map(Evidence::judgement).toList()), untold);
    List<Evidence> all = Stream.concat(evidence.stream(), goals.stream()).toList();
    Finding finding =
        Finding.of(this, judgement, all)
            .withCurves(arms.stream().flatMap(both -> both.drawn().stream()).toList())
            .covering(
                Captions.varying(arms.get(0).sources()),
                Captions.fixedOfScores(arms.get(0).sources()))
            .withCaveats(Captions.ofFew(evidence))
            .withCaveats(List.of(INTERPOLATED));
    for (Arms both : arms) {
      finding = withArms(finding, both, levelled.contains(both));
    }
    return finding;
  }

  private static Finding withArms(Finding finding, Arms both, boolean isLevelled) {
    return finding
        .with(table(both, isLevelled ? both.speedUp().goals() : List.of()))
        .withCaveats(both.caveats())
        .withCaveats(withoutCurve(both));
  }

  private static List<String> withoutCurve(Arms arms) {
    List<ObservedRun> without =
        Stream.concat(arms.transferred().stream(), arms.random().stream())
            .filter(run -> run.curve().isEmpty())
            .toList();
    return without.isEmpty()
        ? List.of()
        : List.of(
            "Without three scores after step 0 there is no curve: %s count%s for nothing here%s."
                .formatted(
                    LastScores.names(without),
                    without.size() == 1 ? "s" : "",
                    arms.condition().bracketed()));
  }

  private static List<Evidence> toGoals(SpeedUp speed, Arms arms) {
    List<Evidence> goals = new ArrayList<>();
    for (int goal = 0; goal < GOALS.size(); goal++) {
      String what = "doublings to " + GOALS.get(goal);
      goals.add(over(Quantity.DOUBLINGS_TO_GOAL, what, speed.estimateAt(goal), arms).beside());
    }
    return goals;
  }

  private static boolean isTold(Arms arms) {
    return Judgement.above(arms.speedUp().estimate(), 0).verdict() != Verdict.CANNOT_BE_TOLD;
  }

  /** The conditions of which networks of both kinds have scores. */
  private static List<Arms> scored(Observations observations) {
    return observations.conditions().stream()
        .map(condition -> Arms.of(observations, condition))
        .filter(both -> !Arms.curves(both.random()).isEmpty())
        .filter(both -> !Arms.curves(both.transferred()).isEmpty())
        .toList();
  }

  /** Why shares of the level that random networks reach are no goals, if they are none. */
  private static Optional<String> noLevel(Arms arms, List<ObservedRun> floor) {
    List<ObservedRun> random =
        arms.random().stream().filter(run -> run.curve().isPresent()).toList();
    double level =
        random.stream()
            .flatMap(run -> run.curve().stream())
            .mapToDouble(LearningCurve::plateau)
            .average()
            .orElse(0);
    double start =
        random.stream().flatMapToDouble(run -> run.atStart().stream()).average().orElse(0);
    double ofFloor = Arrays.stream(Arms.plateaus(floor)).average().orElse(0);
    double beneath = Math.max(start, ofFloor);
    if (level - beneath >= LEAST_RISE) {
      return Optional.empty();
    }
    String against =
        beneath < LEAST_RISE
            ? ""
            : " and %s %s"
                .formatted(
                    ofFloor > start ? "those of the floor" : "at the start", Numbers.of(beneath));
    return Optional.of(
        "Networks from random weights have Dice %s in the end%s, so there is no level to reach%s. %s"
            .formatted(
                Numbers.of(level),
                against,
                arms.condition().bracketed(),
                advice(best(random), level)));
  }

  /** The mean of the best score that each run had on its way. */
  private static double best(List<ObservedRun> runs) {
    return runs.stream()
        .mapToDouble(run -> run.scores().values().stream().max(Double::compare).orElse(0.0))
        .average()
        .orElse(0);
  }

  private static String advice(double best, double level) {
    return best - level < 2 * LEAST_RISE
        ? "Train them longer, or find out why they do not learn."
        : "On their way they had %s and lost it again: they overfit. More training images, or an end before that, would tell."
            .formatted(Numbers.of(best));
  }

  private static Evidence refused(Arms arms, String reason) {
    int networks = Math.min(arms.random().size(), arms.transferred().size());
    return Evidence.above(
            Quantity.DOUBLINGS_OF_SPEED,
            arms.condition().named("doublings of speed"),
            new Estimate.Refused(OptionalDouble.empty(), networks, reason),
            0,
            Scale.PLAIN)
        .of(arms.condition().words());
  }

  /** Where goals are reached before the first score, more networks are not all that would help. */
  private static Judgement explained(Judgement judgement, List<Arms> arms) {
    if (judgement.reasons().isEmpty()) {
      return judgement;
    }
    Map<String, Integer> early = new LinkedHashMap<>();
    for (Arms both : arms) {
      double goal = both.speedUp().goals().get(0);
      Stream.concat(both.random().stream(), both.transferred().stream())
          .flatMap(run -> whyEarly(run, goal).stream())
          .forEach(why -> early.merge(why + both.condition().bracketed(), 1, Integer::sum));
    }
    List<String> reasons = new ArrayList<>(judgement.reasons());
    early.forEach(
        (why, runs) ->
            reasons.add(
                "%s %s %s.".formatted(runs, runs == 1 ? "run reaches" : "runs reach", why)));
    return new Judgement(judgement.pFor(), judgement.pAgainst(), reasons);
  }

  /** Why the step at which a run reaches a goal is not known, if it is so early. */
  private static Optional<String> whyEarly(ObservedRun run, double goal) {
    if (run.curve().stream().noneMatch(c -> Double.isInfinite(c.log2StepTo(goal).low()))) {
      return Optional.empty();
    }
    long first = run.scores().tailMap(1L).firstKey();
    if (run.atStart().isEmpty()) {
      return Optional.of(
          "the first goal before the first score, at step %s: log scores at earlier steps and all steps can be compared"
              .formatted(first));
    }
    return Optional.of(
        run.atStart().getAsDouble() >= goal
            ? "the first goal (Dice %s) at step 0 already: of these no step can be told"
                .formatted(Numbers.of(goal))
            : "the first goal between step 0 and step %s: log scores between these and all steps can be compared"
                .formatted(first));
  }

  private static Evidence over(Quantity quantity, String what, Estimate estimate, Arms arms) {
    return Evidence.above(quantity, arms.condition().named(what), estimate, 0, Scale.PLAIN)
        .of(arms.condition().words())
        .needing(estimate, EFFECT, "0.5 doublings, which is 1.4 times faster");
  }

  private static Finding.Table table(Arms arms, List<Double> goals) {
    List<List<String>> rows = new ArrayList<>();
    Stream.concat(arms.transferred().stream(), arms.random().stream())
        .forEach(run -> run.curve().ifPresent(curve -> rows.add(row(run, curve, goals))));
    List<String> header = new ArrayList<>(List.of("network"));
    for (int i = 0; i < goals.size(); i++) {
      header.add("steps to %s (Dice %s)".formatted(GOALS.get(i), Numbers.of(goals.get(i))));
    }
    header.add("Dice at the end");
    String caption = goals.isEmpty() ? "Dice per network" : "Steps per network";
    return new Finding.Table(arms.condition().named(caption), header, rows);
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
