package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.io.runs.RunRole;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

/** A network whose encoder stays random is quite accurate, beside one that has no encoder. */
final class FrozenEncoderIsAccurate extends Claim {

  private static final double SHARE = 0.7;
  private static final double EFFECT = 0.15;

  @Override
  public String number() {
    return "5";
  }

  @Override
  public String key() {
    return "frozen";
  }

  @Override
  public String statement() {
    return "A network whose encoder is frozen at random weights is quite accurate";
  }

  @Override
  public String judged() {
    return "How far such networks come on the way from a floor (networks that cannot use what an"
        + " encoder sees) to networks that are trained as a whole: 0 is the floor, 1 the whole. The"
        + " claim holds if they come more than 0.7 of the way, in every condition. The uncertainty of"
        + " the floor and of the whole is in the interval (Fieller). Unless the whole is certainly"
        + " better than the floor there is no way to come.";
  }

  @Override
  public String needs() {
    return "scored runs of the same task of three kinds: trained as a whole from random weights;"
        + " with a random encoder that is frozen (\"frozen\": \"encoder\"); and a floor (\"floor\": true),"
        + " such as the same network with an encoder that sees nothing";
  }

  @Override
  Finding judge(Observations observations) {
    List<TrainingCondition> conditions =
        TrainingCondition.all(observations.runs()).stream()
            .filter(condition -> !absent(observations, condition).contains("frozen"))
            .toList();
    List<TrainingCondition> whole =
        conditions.stream().filter(c -> absent(observations, c).isEmpty()).toList();
    if (whole.isEmpty()) {
      return missing(observations, conditions);
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Evidence> beside = new ArrayList<>();
    List<String> caveats = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (TrainingCondition condition : whole) {
      add(observations, condition, evidence, beside, caveats);
      rows.addAll(rows(observations, condition));
    }
    Judgement judgement = Judgement.allOf(evidence.stream().map(Evidence::judgement).toList());
    return Finding.of(this, judgement, Stream.concat(evidence.stream(), beside.stream()).toList())
        .withReadings(
            judgement.verdict() == Verdict.CANNOT_BE_TOLD
                ? whole.stream().map(condition -> means(observations, condition)).toList()
                : List.of())
        .with(table(rows))
        .covering(Captions.varying(0), Captions.fixedOfScores())
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(caveats)
        .withCaveats(
            List.of(
                Captions.SKEWED,
                "What counts as the floor decides the figure: say how it was trained."));
  }

  /** The mean Dice of each kind, for whoever cannot be given a share. */
  private static String means(Observations observations, TrainingCondition condition) {
    return "Mean Dice%s: frozen random encoder %s, trained as a whole %s, floor %s."
        .formatted(
            condition.bracketed(),
            mean(observations.frozen(condition)),
            mean(observations.random(condition)),
            mean(observations.floor(condition)));
  }

  private static String mean(List<ObservedRun> runs) {
    return Numbers.of(Arrays.stream(Arms.plateaus(Arms.scored(runs))).average().orElse(Double.NaN));
  }

  private static void add(
      Observations observations,
      TrainingCondition condition,
      List<Evidence> evidence,
      List<Evidence> beside,
      List<String> caveats) {
    List<ObservedRun> frozen = Arms.scored(observations.frozen(condition));
    List<ObservedRun> whole = Arms.scored(observations.random(condition));
    List<ObservedRun> floor = Arms.scored(observations.floor(condition));
    FrozenShare share =
        FrozenShare.of(Arms.plateaus(frozen), Arms.plateaus(whole), Arms.plateaus(floor));
    RunPairing pairing = RunPairing.of(List.of(frozen, whole, floor));
    if (pairing.isGiven()) {
      share = share.inSeed();
    }
    caveats.addAll(pairing.unused());
    caveats.addAll(
        LastScores.told(condition, Stream.of(frozen, whole, floor).flatMap(List::stream).toList()));
    Estimate contrast = share.contrast(SHARE);
    Estimate room = share.room();
    double way = room.point().orElse(0);
    Evidence figure = share(condition, "from the floor to the whole", share);
    evidence.add(way > 0 ? figure.needing(contrast, EFFECT * way, "a share of 0.85") : figure);
    beside.add(difference(condition.named("Dice of the whole minus that of the floor"), room));
    beside.add(
        difference(
            condition.named("Dice of the frozen minus that of the floor"), share.contrast(0)));
    for (Part part : Part.values()) {
      List<ObservedRun> other = Arms.scored(observations.in(condition, part.role));
      if (!other.isEmpty()) {
        FrozenShare ofPart =
            FrozenShare.of(Arms.plateaus(other), Arms.plateaus(whole), Arms.plateaus(floor));
        beside.add(share(condition, "with " + part.words, ofPart).beside());
      }
    }
  }

  private static Evidence share(TrainingCondition condition, String of, FrozenShare share) {
    return Evidence.above(
            Quantity.FROZEN_SHARE,
            condition.named("share of the way " + of),
            share.estimate(),
            SHARE,
            Scale.PLAIN)
        .of(condition.words());
  }

  private static Evidence difference(String what, Estimate estimate) {
    return Evidence.above(Quantity.DICE_ABOVE_FLOOR, what, estimate, 0, Scale.PLAIN).beside();
  }

  /** Other parts that may be frozen, of which the claim says nothing. */
  private enum Part {
    FILTERS("the encoder's filters frozen and its normalisation trained", "encoder-filters", false),
    OF_A_SOURCE("the encoder frozen at the weights of a source", "encoder", true),
    DECODER("the decoder frozen at random weights", "decoder", false);

    private final String words;
    private final Predicate<RunRole> role;

    Part(String words, String frozen, boolean fromSource) {
      this.words = words;
      this.role =
          told ->
              told.frozen().filter(frozen::equals).isPresent()
                  && !told.floor()
                  && told.start().filter("source"::equals).isPresent() == fromSource;
    }
  }

  private static List<String> absent(Observations observations, TrainingCondition condition) {
    List<String> absent = new ArrayList<>();
    if (Arms.scored(observations.frozen(condition)).isEmpty()) {
      absent.add("frozen");
    }
    if (Arms.scored(observations.random(condition)).isEmpty()) {
      absent.add("trained as a whole from random weights");
    }
    if (Arms.scored(observations.floor(condition)).isEmpty()) {
      absent.add("of a floor network (\"floor\": true)");
    }
    return absent;
  }

  private Finding missing(Observations observations, List<TrainingCondition> conditions) {
    if (conditions.isEmpty()) {
      return Finding.missing(this);
    }
    List<String> lines = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    for (TrainingCondition condition : conditions) {
      lines.add(
          "There are runs with a frozen random encoder (%s), but none %s. Without a floor nobody can say how much of the result needs an encoder at all."
              .formatted(
                  condition.words(), String.join(" and none ", absent(observations, condition))));
      rows.addAll(rows(observations, condition));
    }
    return Finding.missing(this, lines).with(table(rows));
  }

  private static Finding.Table table(List<List<String>> rows) {
    return new Finding.Table(
        "Dice per network, the mean of its last three scores",
        List.of("condition", "kind", "network", "Dice"),
        rows);
  }

  private static List<List<String>> rows(Observations observations, TrainingCondition condition) {
    List<List<String>> rows = new ArrayList<>();
    add(rows, condition, "frozen random encoder", observations.frozen(condition));
    add(rows, condition, "trained as a whole", observations.random(condition));
    add(rows, condition, "floor", observations.floor(condition));
    return rows;
  }

  private static void add(
      List<List<String>> rows, TrainingCondition condition, String kind, List<ObservedRun> runs) {
    for (ObservedRun run : Arms.scored(runs)) {
      rows.add(
          List.of(
              condition.words(), kind, run.name(), Numbers.of(run.plateau().orElse(Double.NaN))));
    }
  }
}
