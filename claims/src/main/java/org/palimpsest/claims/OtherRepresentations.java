package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.GroupDissimilarities;
import org.palimpsest.similarity.statistics.Verdict;

/** Transferred networks learn other representations: location, free of spread. */
record OtherRepresentations() implements Claim {

  private static final double SHARE = 0.1;
  private static final double EFFECT = 0.4;
  private static final String NO_CONTROL =
      "All transferred networks share a start, and random ones do not: nothing here shows how far a"
          + " shared start alone puts networks apart. Random networks that share a start would, or"
          + " networks of three or more sources.";

  private static final List<String> CAVEATS =
      List.of(
          "The two readings may disagree: Raghu's mixes place with width. Where transferred"
              + " networks lie closer together than random ones, as they do if they share a"
              + " source, it can come out below 1 though they lie elsewhere.",
          "Networks that share any start lie in a place of their own. With one source this is"
              + " part of the figure, whatever the source had learned; random networks that"
              + " share a start show how much it is, and three or more sources take it out.",
          "One family of measures (linear CKA) is looked at; no measure is right for all"
              + " questions.");

  @Override
  public String number() {
    return "6";
  }

  @Override
  public String key() {
    return "other-representations";
  }

  @Override
  public String statement() {
    return "Transferred networks learn other representations than networks from random weights";
  }

  @Override
  public String judged() {
    return "Think of each trained network as a point; networks are the nearer the more alike their"
        + " layers are on the probes (1 − linear CKA, mean over blocks). Two clouds of points may"
        + " differ in where they lie and in how wide they are. The figure is the share of the"
        + " dissimilarity between the two groups that is due to where they lie, whatever their"
        + " widths: 0 if both lie in one place. The claim holds if it is above 0.1.";
  }

  @Override
  public String needs() {
    return "checkpoints of runs from a source and of runs from random weights of the same task, and"
        + " probes";
  }

  @Override
  public Finding judge(Observations observations) {
    Ends all = Ends.of(observations);
    Ends ends = all.ofIndependent(observations);
    if (ends.transferred().isEmpty() || ends.random().isEmpty()) {
      return Finding.missing(this);
    }
    GroupDissimilarities groups = ends.byBlocks(observations, similarity -> 1 - similarity);
    boolean manySources = ends.countSources() > 2;
    Evidence share = share(groups.location());
    List<Evidence> evidence = new ArrayList<>(List.of(share, readByRaghu(groups)));
    Optional<Evidence> sources =
        all.countSources() > ends.countSources() && all.countSources() > 2
            ? Optional.of(overSources(observations, all))
            : Optional.empty();
    sources.ifPresent(evidence::add);
    Optional<Evidence> control = manySources ? Optional.empty() : control(observations, ends);
    control.ifPresent(evidence::add);
    boolean isConfirmed =
        manySources || sources.filter(s -> s.verdict() == share.verdict()).isPresent();
    return Finding.of(this, share.judgement(), evidence)
        .withReadings(isConfirmed ? List.of() : readings(share, sources, control))
        .with(ends.table(observations))
        .covering(
            Captions.varying(ends.countSources()),
            Captions.fixedOfRepresentations(ends.countSources()))
        .withCaveats(Captions.ofFew(List.of(share)))
        .withCaveats(observations.main().map(observations::leftOut).orElse(List.of()))
        .withCaveats(CAVEATS);
  }

  private static Evidence share(Estimate location) {
    return Evidence.above(
            "share of the dissimilarity that is due to where the groups lie",
            location,
            GroupDissimilarities.locationOf(SHARE),
            new Scale(GroupDissimilarities::shareApart))
        .needing(
            location,
            GroupDissimilarities.locationOf(EFFECT) - GroupDissimilarities.locationOf(SHARE),
            "a share of 0.4");
  }

  private static Evidence readByRaghu(GroupDissimilarities groups) {
    return Evidence.above(
            "dissimilarity of transferred and random networks, as a multiple of that of two"
                + " random ones (the reading of Raghu et al. 2019)",
            groups.acrossBesideSecond(),
            0,
            Scale.EXPONENTIAL)
        .beside();
  }

  /** The same where sources vary too, each left out with all its networks. */
  private static Evidence overSources(Observations observations, Ends all) {
    Estimate location =
        all.byBlocks(observations, similarity -> 1 - similarity)
            .withSourcesOfFirst(all.sources())
            .location();
    return Evidence.above(
            "the same of networks of %d sources".formatted(all.countSources()),
            location,
            GroupDissimilarities.locationOf(SHARE),
            new Scale(GroupDissimilarities::shareApart))
        .overSources(true)
        .beside();
  }

  /** What a shared start does alone: random networks of one start in the place of transferred. */
  private static Optional<Evidence> control(Observations observations, Ends ends) {
    Map<String, List<ObservedRun>> starts =
        ends.withShared(observations).random().stream()
            .filter(run -> run.role().sharedStart().isPresent())
            .collect(
                Collectors.groupingBy(
                    run -> run.role().sharedStart().orElseThrow(),
                    TreeMap::new,
                    Collectors.toList()));
    starts.values().removeIf(runs -> runs.stream().anyMatch(ends.random()::contains));
    return starts.values().stream()
        .max(Comparator.comparingInt(List::size))
        .map(runs -> new Ends(runs, ends.random()))
        .map(both -> both.byBlocks(observations, similarity -> 1 - similarity).location())
        .map(
            location ->
                Evidence.above(
                        "the same of random networks that share one start (control)",
                        location,
                        GroupDissimilarities.locationOf(SHARE),
                        new Scale(GroupDissimilarities::shareApart))
                    .beside());
  }

  /** What speaks against reading the share as what was learned before. */
  private static List<String> readings(
      Evidence share, Optional<Evidence> sources, Optional<Evidence> control) {
    List<String> readings = new ArrayList<>();
    sources.ifPresent(
        over ->
            readings.add(
                "Over %d sources, which then vary too, it is %s: %s."
                    .formatted(over.networks(), over.inWords(), over.verdict().words())));
    if (share.verdict() != Verdict.DOES_NOT_HOLD && control.isEmpty()) {
      readings.add(NO_CONTROL);
    }
    control
        .filter(found -> share.verdict() == Verdict.HOLDS)
        .filter(found -> found.interval().high() >= share.interval().low())
        .ifPresent(
            found ->
                readings.add(
                    "Random networks that share one start, and had learned nothing before, lie apart from other random ones too: %s. So the shared start alone may be the reason, and not what the source had learned; %s."
                        .formatted(
                            found.inWords(),
                            sources.isPresent()
                                ? "the figure over sources is free of that"
                                : "networks of three or more sources would tell")));
    return readings;
  }
}
