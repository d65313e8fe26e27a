package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities.Pairs;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Transferred networks vary among themselves as much as random ones, like held against like. */
final class VaryAsMuch extends Claim {

  private static final double LEAST = Math.log(0.8);
  private static final double MOST = Math.log(1.25);
  private static final int FEWEST = 4;
  private static final int FEWEST_SOURCES = 3;

  @Override
  public String number() {
    return "7";
  }

  @Override
  public String key() {
    return "vary-as-much";
  }

  @Override
  public String statement() {
    return "Transferred networks vary among themselves as much as networks from random weights";
  }

  @Override
  public String judged() {
    return "How far apart two transferred networks are, divided by how far apart two random ones are"
        + " (√(1 − linear CKA), mean over blocks). The claim holds if the ratio lies between 0.8 and"
        + " 1.25. Like is held against like: networks of different sources against networks of"
        + " different random starts, or networks of one source against networks that share one"
        + " random start. A shared start alone makes networks alike, so that networks of one source"
        + " against different random starts would say nothing of what was learned before.";
  }

  @Override
  public String needs() {
    return "checkpoints and probes as above, and either runs from three or more sources (\"source\")"
        + " or runs from random weights that share a start (\"start\": \"random:A\")";
  }

  @Override
  Finding judge(Observations observations) {
    Ends ends = Ends.of(observations).withShared(observations);
    if (ends.transferred().isEmpty() || ends.random().isEmpty()) {
      return Finding.missing(this);
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Evidence> beside = new ArrayList<>();
    Ends different = ends.withRandom(withOwnStarts(ends.random()));
    if (ends.countSources() >= FEWEST_SOURCES && different.random().size() > 1) {
      add(observations, different, Comparison.OF_DIFFERENT_STARTS, evidence, beside);
    }
    Optional<Ends> same = sharingStarts(ends);
    same.ifPresent(
        sharing -> add(observations, sharing, Comparison.OF_ONE_START, evidence, beside));
    if (evidence.isEmpty()) {
      return literal(observations, ends);
    }
    Judgement judgement = Judgement.allOf(evidence.stream().map(Evidence::judgement).toList());
    evidence.addAll(beside);
    Finding finding =
        Finding.of(this, judgement, evidence)
            .withReadings(ofPredictions(beside, judgement.verdict()));
    return covered(finding, observations, ends, evidence);
  }

  /** Which starts are held against each other. */
  private enum Comparison {
    OF_DIFFERENT_STARTS("networks of different sources over networks of different random starts"),
    OF_ONE_START("networks of one source over networks that share a random start"),
    OF_UNLIKE("networks of one source over networks of different random starts");

    private final String words;

    Comparison(String words) {
      this.words = words;
    }
  }

  private static void add(
      Observations observations,
      Ends ends,
      Comparison comparison,
      List<Evidence> evidence,
      List<Evidence> beside) {
    GroupDissimilarities groups = ends.byBlocks(observations, s -> Math.sqrt(Math.max(0, 1 - s)));
    Estimate ratio = ratio(groups, ends, comparison);
    Evidence figure =
        Evidence.within(
                Quantity.RATIO_OF_SPREADS,
                "ratio of distances (%s)".formatted(comparison.words),
                ratio,
                LEAST,
                MOST,
                Scale.EXPONENTIAL)
            .needingMiddle(ratio, MOST, "1")
            .overSources(areUnits(ends, ratio));
    boolean few = ratio.units() < FEWEST && figure.verdict() == Verdict.HOLDS;
    evidence.add(
        few
            ? figure.judged(
                Judgement.undecided(
                    "That two spreads are equal takes at least four networks in each group."))
            : figure);
    beside.add(
        Evidence.above(
                Quantity.RATIO_OF_SPREADS_AS_HIGH,
                "the same, whether it can be as high (%s)".formatted(comparison.words),
                ratio,
                LEAST,
                Scale.EXPONENTIAL)
            .overSources(areUnits(ends, ratio))
            .beside());
    predictions(observations, ends)
        .map(predictions -> ratio(predictions, ends, comparison))
        .ifPresent(other -> beside.add(ofPredictions(other, ends, comparison)));
  }

  private static Evidence ofPredictions(Estimate ratio, Ends ends, Comparison comparison) {
    return Evidence.within(
            Quantity.RATIO_OF_SPREADS_OF_PREDICTIONS,
            "ratio of predictions, 1 − Dice of two networks' predictions (%s)"
                .formatted(comparison.words),
            ratio,
            LEAST,
            MOST,
            Scale.EXPONENTIAL)
        .overSources(areUnits(ends, ratio))
        .beside();
  }

  /** Whether the smallest group is counted in sources. */
  private static boolean areUnits(Ends ends, Estimate ratio) {
    return ends.countSources() >= FEWEST_SOURCES && ends.countSources() == ratio.units();
  }

  /** What is found, if it is something else, of predictions in the place of representations. */
  private static List<String> ofPredictions(List<Evidence> beside, Verdict ofRepresentations) {
    return beside.stream()
        .filter(one -> one.verdict() != ofRepresentations)
        .filter(one -> one.quantity() == Quantity.RATIO_OF_SPREADS_OF_PREDICTIONS)
        .map(
            one ->
                "%s, asked for %s (%s)."
                    .formatted(Finding.capital(one.told()), one.asked(), one.verdict().words()))
        .toList();
  }

  private static Optional<GroupDissimilarities> predictions(Observations observations, Ends ends) {
    List<ObservedRun> all = ends.all();
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (!observations
            .predictions()
            .containsKey(RunPair.of(all.get(i).name(), all.get(j).name()))) {
          return Optional.empty();
        }
      }
    }
    return Optional.of(
        ends.groups(pair -> Math.max(0, 1 - observations.predictions().getOrDefault(pair, 0.0))));
  }

  private static Estimate ratio(GroupDissimilarities groups, Ends ends, Comparison comparison) {
    if (comparison == Comparison.OF_DIFFERENT_STARTS) {
      return groups.withSourcesOfFirst(ends.sources()).logRatioOfSpread();
    }
    if (comparison == Comparison.OF_UNLIKE) {
      return groups.logRatioOfSpread();
    }
    boolean sources = ends.countSources() >= FEWEST_SOURCES;
    int[] starts = starts(ends.random());
    boolean manyStarts = Arrays.stream(starts).distinct().count() >= FEWEST_SOURCES;
    GroupDissimilarities of = sources ? groups.withSourcesOfFirst(ends.sources()) : groups;
    of = manyStarts ? of.withSourcesOfSecond(starts) : of;
    return of.logRatioOfSpread(
        sources ? Pairs.WITHIN_UNITS : Pairs.ACROSS_UNITS,
        manyStarts ? Pairs.WITHIN_UNITS : Pairs.ACROSS_UNITS);
  }

  private static int[] starts(List<ObservedRun> random) {
    List<String> names =
        random.stream().map(run -> run.role().sharedStart().orElse(run.name())).toList();
    return names.stream().mapToInt(names::indexOf).toArray();
  }

  /** One of each start that is shared, and all that share none. */
  private static List<ObservedRun> withOwnStarts(List<ObservedRun> random) {
    Map<String, ObservedRun> first = new TreeMap<>();
    random.forEach(
        run ->
            first.putIfAbsent(run.role().sharedStart().map(s -> ":" + s).orElse(run.name()), run));
    return List.copyOf(first.values());
  }

  /**
   * Networks of one source and networks of one random start: of several where there are three or
   * more, else of the one with the most networks.
   */
  private static Optional<Ends> sharingStarts(Ends ends) {
    List<ObservedRun> random =
        ofShared(
            ends.random().stream().filter(run -> run.role().sharedStart().isPresent()).toList(),
            run -> run.role().sharedStart().orElse(""));
    List<ObservedRun> transferred =
        ofShared(ends.transferred(), run -> run.role().source().orElse(""));
    return random.size() < 2 || transferred.size() < 2
        ? Optional.empty()
        : Optional.of(new Ends(transferred, random));
  }

  private static List<ObservedRun> ofShared(
      List<ObservedRun> runs, Function<ObservedRun, String> start) {
    Map<String, List<ObservedRun>> groups =
        runs.stream().collect(Collectors.groupingBy(start, TreeMap::new, Collectors.toList()));
    groups.values().removeIf(group -> group.size() < 2);
    return groups.size() >= FEWEST_SOURCES
        ? groups.values().stream().flatMap(List::stream).toList()
        : groups.values().stream().max(Comparator.comparingInt(List::size)).orElse(List.of());
  }

  private Finding literal(Observations observations, Ends ends) {
    GroupDissimilarities groups = ends.byBlocks(observations, s -> Math.sqrt(Math.max(0, 1 - s)));
    Evidence unlike =
        Evidence.within(
                Quantity.RATIO_OF_SPREADS,
                "ratio of distances of unlike things (%s)".formatted(Comparison.OF_UNLIKE.words),
                ratio(groups, ends, Comparison.OF_UNLIKE),
                LEAST,
                MOST,
                Scale.EXPONENTIAL)
            .beside();
    String missing =
        "Here transferred networks share their source and random ones do not share a start, which"
            + " are unlike things. It takes "
            + needs()
            + ".";
    Finding finding = Finding.of(this, Judgement.undecided(missing), List.of(unlike));
    return covered(finding, observations, ends, List.of(unlike)).wanting(List.of(missing));
  }

  /** What does not vary, the one start that random networks share among it. */
  private static List<String> fixed(Ends ends) {
    List<String> fixed = new ArrayList<>(Captions.fixedOfRepresentations(ends.countSources()));
    long starts =
        ends.random().stream().flatMap(run -> run.role().sharedStart().stream()).distinct().count();
    if (starts > 0 && starts < FEWEST_SOURCES) {
      fixed.add("the random start that random networks share, where such are compared");
    }
    return fixed;
  }

  private static Finding covered(
      Finding finding, Observations observations, Ends ends, List<Evidence> evidence) {
    return finding
        .with(ends.table(observations))
        .covering(Captions.varying(ends.countSources()), fixed(ends))
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(
            List.of(
                "Networks fine-tuned from one source stay near each other (Neyshabur et al. 2020):"
                    + " a low ratio of unlike starts is what one must expect."));
  }
}
