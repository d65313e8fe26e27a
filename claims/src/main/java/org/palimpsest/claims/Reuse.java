package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.BlockReuse;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;

/**
 * Which blocks are reused, held against two nulls: how similar random networks are to the source,
 * and how similar they are to their own starts.
 *
 * @param againstSource similarity to the source, minus that of random networks to it
 * @param againstOwnStart similarity to the own start, minus that of random networks to theirs
 * @param blocks the names of the blocks
 * @param sources how many sources there are
 */
record Reuse(
    Optional<BlockReuse> againstSource,
    Optional<BlockReuse> againstOwnStart,
    List<String> blocks,
    int sources) {

  private static final int PARTS = 4;
  private static final int FEWEST_SOURCES = 3;

  static Reuse of(Observations observations) {
    Ends ends = Ends.of(observations);
    Map<String, List<ObservedRun>> bySource = new LinkedHashMap<>();
    for (ObservedRun run : ends.transferred()) {
      observations
          .sourceOf(run)
          .ifPresent(
              source ->
                  bySource.computeIfAbsent(source.name(), name -> new ArrayList<>()).add(run));
    }
    Map<String, List<ObservedRun>> used =
        bySource.size() >= FEWEST_SOURCES ? bySource : largest(bySource);
    return new Reuse(
        reuse(
            used,
            ends.random(),
            (run, source) -> observations.ends().get(RunPair.of(run.name(), source))),
        reuse(used, ends.random(), (run, source) -> observations.toStart().get(run.name())),
        observations.blocks(),
        used.size());
  }

  private static Map<String, List<ObservedRun>> largest(Map<String, List<ObservedRun>> groups) {
    Map<String, List<ObservedRun>> one = new LinkedHashMap<>();
    groups.entrySet().stream()
        .max(Comparator.comparingInt(group -> group.getValue().size()))
        .ifPresent(group -> one.put(group.getKey(), group.getValue()));
    return one;
  }

  @FunctionalInterface
  private interface Similarities {
    double @Nullable [] of(ObservedRun run, String source);
  }

  private static Optional<BlockReuse> reuse(
      Map<String, List<ObservedRun>> bySource, List<ObservedRun> random, Similarities figures) {
    List<double[][]> transferred = new ArrayList<>();
    List<double[][]> nulls = new ArrayList<>();
    bySource.forEach(
        (source, runs) -> {
          transferred.add(rows(runs, source, figures));
          nulls.add(rows(random, source, figures));
        });
    boolean complete =
        !transferred.isEmpty()
            && transferred.stream().allMatch(rows -> rows.length > 0)
            && nulls.stream()
                .allMatch(rows -> rows.length == nulls.get(0).length && rows.length > 0);
    if (!complete) {
      return Optional.empty();
    }
    return Optional.of(
        transferred.size() == 1
            ? BlockReuse.ofSource(transferred.get(0), nulls.get(0))
            : BlockReuse.ofSources(
                transferred.toArray(double[][][]::new), nulls.toArray(double[][][]::new)));
  }

  private static double[][] rows(List<ObservedRun> runs, String source, Similarities figures) {
    return runs.stream()
        .flatMap(run -> Optional.ofNullable(figures.of(run, source)).stream())
        .toArray(double[][]::new);
  }

  /** Adds the figures of one reading. */
  @FunctionalInterface
  interface Figures {
    void add(BlockReuse found, Reuse reuse, String against, List<Evidence> evidence);
  }

  /** A claim about reuse, judged in both readings. */
  static Finding judged(
      Claim claim,
      Observations observations,
      Figures figures,
      BiFunction<BlockReuse, Reuse, Judgement> judge) {
    Reuse reuse = of(observations);
    if (reuse.isEmpty()) {
      return Finding.missing(claim);
    }
    List<Evidence> evidence = new ArrayList<>();
    reuse
        .againstSource()
        .ifPresent(
            found ->
                figures.add(
                    found, reuse, "against random networks' similarity to the source", evidence));
    reuse
        .againstOwnStart()
        .ifPresent(
            found ->
                figures.add(
                    found,
                    reuse,
                    "against random networks' similarity to their own starts",
                    evidence));
    return Finding.of(claim, reuse.agreed(found -> judge.apply(found, reuse)), evidence)
        .with(reuse.table())
        .covering(
            Captions.varying(reuse.sources()), Captions.fixedOfRepresentations(reuse.sources()))
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(reuse.caveats());
  }

  /** Whether sources are the units: as many of them as intervals over sources take. */
  boolean hasSources() {
    return sources >= FEWEST_SOURCES;
  }

  boolean isEmpty() {
    boolean neither = againstSource.isEmpty() && againstOwnStart.isEmpty();
    return neither || blocks.size() < PARTS;
  }

  /** The first quarter of the blocks. */
  int[] early() {
    return IntStream.range(0, Math.max(1, blocks.size() / PARTS)).toArray();
  }

  /** The rest, but the last block, which gives the prediction. */
  int[] deeper() {
    return IntStream.range(early().length, blocks.size() - 1).toArray();
  }

  String names(int... some) {
    return String.join(", ", IntStream.of(some).mapToObj(blocks::get).toList());
  }

  /** What both nulls say; where their verdicts contradict each other it depends on the reading. */
  private Judgement agreed(Function<BlockReuse, Judgement> judge) {
    List<Judgement> readings = new ArrayList<>();
    againstSource.map(judge).ifPresent(readings::add);
    againstOwnStart.map(judge).ifPresent(readings::add);
    Judgement first = readings.get(0);
    Judgement last = readings.get(readings.size() - 1);
    List<String> reasons = new ArrayList<>(first.reasons());
    reasons.addAll(last.reasons());
    if (first.verdict() != last.verdict()) {
      reasons.add(
          "It depends on what similarity is held against: beside random networks' similarity to the source the claim %s, beside their similarity to their own starts it %s."
              .formatted(first.verdict().words(), last.verdict().words()));
    }
    return new Judgement(
        Math.max(first.pFor(), last.pFor()),
        Math.max(first.pAgainst(), last.pAgainst()),
        reasons.stream().distinct().toList());
  }

  private List<String> caveats() {
    List<String> caveats = new ArrayList<>();
    caveats.add(
        "Early blocks are the first quarter (%s), deeper ones the rest (%s) but the last, which gives the prediction."
            .formatted(names(early()), names(deeper())));
    if (sources < FEWEST_SOURCES) {
      caveats.add(
          "Networks of one source are looked at: which blocks another source would give to reuse is"
              + " not known. From three sources on (five are advised) they vary in the intervals.");
    }
    caveats.add(
        "Where random networks are as similar as that already, little is left for reuse to add; the"
            + " normalised figures tell the share of what was left.");
    return caveats;
  }

  /** Per block, raw and normalised, against both nulls. */
  private Finding.Table table() {
    List<List<String>> rows = new ArrayList<>();
    for (int block = 0; block < blocks.size(); block++) {
      int at = block;
      rows.add(
          List.of(
              blocks.get(block),
              words(againstSource, reuse -> Numbers.of(reuse.of(at))),
              words(againstSource, reuse -> normalised(reuse, at)),
              words(againstOwnStart, reuse -> Numbers.of(reuse.of(at))),
              words(againstOwnStart, reuse -> normalised(reuse, at))));
    }
    return new Finding.Table(
        "Reuse of each block with its 95 %% interval (uncorrected%s): similarity (linear CKA) of transferred networks minus that of random ones; normalised: as a share of what random ones leave"
            .formatted(hasSources() ? ", sources varying in it" : ""),
        List.of(
            "block",
            "to the source",
            "to the source, normalised",
            "to the own start",
            "to the own start, normalised"),
        rows);
  }

  private static String normalised(BlockReuse reuse, int block) {
    return Numbers.of(reuse.logLeft(block), BlockReuse::normalised);
  }

  private static String words(Optional<BlockReuse> reuse, Function<BlockReuse, String> figure) {
    return reuse.map(figure).orElse("–");
  }

  /** Reuse can be stronger in deeper layers than in early ones. */
  static final class StrongerDeeper extends Claim {

    private static final double EFFECT = 0.15;

    @Override
    public String number() {
      return "8′";
    }

    @Override
    public String key() {
      return "reuse-stronger-deeper";
    }

    @Override
    public String statement() {
      return "Reuse of features can be stronger in deeper layers than in early ones";
    }

    @Override
    public String judged() {
      return "With reuse read in the same two ways: the claim holds if some deeper block is reused"
          + " more than every early one, and does not hold if each deeper block is reused less than"
          + " some early one (with corrections for the number of blocks), in both readings.";
    }

    @Override
    public String needs() {
      return new ReuseNotOnlyEarly().needs();
    }

    @Override
    Finding judge(Observations observations) {
      return Reuse.judged(
          this,
          observations,
          StrongerDeeper::add,
          (found, reuse) -> found.isStrongerDeeper(reuse.early(), reuse.deeper()));
    }

    private static void add(
        BlockReuse found, Reuse reuse, String against, List<Evidence> evidence) {
      int deeper = most(found, reuse.deeper());
      int early = most(found, reuse.early());
      Estimate difference = found.difference(deeper, early);
      evidence.add(
          Evidence.above(
                  Quantity.REUSE_DEEPER_LESS_EARLY,
                  "reuse (CKA) of %s, the most reused deeper block, minus that of %s, the most reused early one, %s"
                      .formatted(reuse.blocks().get(deeper), reuse.blocks().get(early), against),
                  difference,
                  0,
                  Scale.PLAIN)
              .needing(difference, EFFECT, "0.15")
              .overSources(reuse.hasSources()));
      evidence.add(
          Evidence.above(
                  Quantity.TREND_OF_REUSE,
                  "trend of reuse, from the first block to the last (CKA), " + against,
                  found.trend(),
                  0,
                  Scale.PLAIN)
              .overSources(reuse.hasSources())
              .beside());
    }

    private static int most(BlockReuse found, int... blocks) {
      return IntStream.of(blocks)
          .boxed()
          .max(Comparator.comparingDouble(block -> found.of(block).point().orElse(0)))
          .orElseThrow();
    }
  }
}
