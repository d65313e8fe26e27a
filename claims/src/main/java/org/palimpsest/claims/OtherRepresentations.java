package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.palimpsest.claims.Evidence.Quantity;
import org.palimpsest.claims.Evidence.Scale;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.Judgement.Verdict;

/** Transferred networks learn other representations: location, free of spread. */
final class OtherRepresentations extends Claim {

  private static final double SHARE = 0.1;
  private static final double EFFECT = 0.4;
  private static final int FEWEST_SOURCES = 3;
  private static final String APART =
      "share of the dissimilarity that is due to where the groups lie";
  private static final String NO_CONTROL =
      "It takes networks of three or more sources, or three or more random networks that share a"
          + " start (\"start\": \"random:A\") beside those with starts of their own. Transferred"
          + " networks here share a start, and nothing shows how far that alone puts networks apart.";
  private static final String NOT_OF_SOURCES =
      "Transferred networks hardly lie farther from random ones than a shared start alone puts"
          + " networks. Sources of one task may be more alike than random starts are, so that too much"
          + " is taken away; networks of three or more sources would need no such control.";

  private static final List<String> CAVEATS =
      List.of(
          "The two readings may disagree: Raghu's mixes place with width. Where transferred"
              + " networks lie closer together than random ones, as they do if they share a"
              + " source, it can come out below 1 though they lie elsewhere.",
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
        + " widths: 0 if both lie in one place. Networks that share any start lie in a place of their"
        + " own, whatever it had learned. So sources are the units where there are three or more of"
        + " them; with fewer the figure is a share of what a shared start leaves: random networks that"
        + " share one are held against the others in the same way, and that is taken away. The claim"
        + " holds if the figure is above 0.1. With neither nothing can be told.";
  }

  @Override
  public String needs() {
    return "checkpoints of runs from a source and of runs from random weights of the same task, and"
        + " probes";
  }

  @Override
  Finding judge(Observations observations) {
    Ends all = Ends.of(observations);
    if (all.transferred().isEmpty() || all.random().isEmpty()) {
      return Finding.missing(this);
    }
    Ends one = all.ofIndependent(observations);
    Optional<Control> control = control(observations, one);
    if (all.countSources() >= FEWEST_SOURCES) {
      return ofSources(observations, all, one, control);
    }
    return control.isPresent()
        ? besideControl(observations, one, control.get())
        : withoutControl(observations, one);
  }

  /** Sources are the units, each left out with all its networks. */
  private Finding ofSources(
      Observations observations, Ends all, Ends one, Optional<Control> control) {
    GroupDissimilarities groups =
        dissimilarities(observations, all).withSourcesOfFirst(all.sources());
    Estimate location = groups.location();
    Evidence over = needing(share(APART, location), location).overSources(true);
    List<Evidence> evidence = new ArrayList<>(List.of(over, readByRaghu(groups).overSources(true)));
    List<String> readings = new ArrayList<>();
    if (one.countSources() == 1) {
      Evidence alone =
          share("the same of networks of one source", dissimilarities(observations, one).location())
              .of(one.transferred().get(0).role().source().orElse(""))
              .beside();
      evidence.add(alone);
      control.ifPresent(found -> evidence.addAll(List.of(found.apart(), found.beyond().beside())));
      if (alone.verdict() != over.verdict()) {
        readings.add(ofOneSource(alone, control));
      }
    }
    return told(observations, all, over.judgement(), evidence)
        .withReadings(readings)
        .covering(
            Captions.varying(all.countSources()),
            Captions.fixedOfRepresentations(all.countSources()));
  }

  private static String ofOneSource(Evidence alone, Optional<Control> control) {
    return "Networks of one source alone (%s) have a share of %s%s."
        .formatted(
            alone.of(),
            alone.inWords(),
            control
                .map(
                    found ->
                        ", but random networks that share one start, and had learned nothing before, one of %s: as a share of what a shared start leaves it is %s"
                            .formatted(found.apart().inWords(), found.beyond().inWords()))
                .orElse(", of which a shared start alone may be the reason"));
  }

  private Finding besideControl(Observations observations, Ends one, Control control) {
    GroupDissimilarities groups = dissimilarities(observations, one);
    List<Evidence> evidence =
        List.of(
            control.beyond(),
            share(APART, groups.location()).beside(),
            control.apart(),
            readByRaghu(groups));
    List<String> fixed = new ArrayList<>(Captions.fixedOfRepresentations(one.countSources()));
    fixed.add("the start that the random networks of the control share (one)");
    return told(observations, one, control.beyond().judgement(), evidence)
        .withReadings(
            control.beyond().verdict() == Verdict.DOES_NOT_HOLD
                ? List.of(NOT_OF_SOURCES)
                : List.of())
        .covering(Captions.varying(one.countSources()), fixed)
        .withCaveats(observations.main().map(observations::leftOut).orElse(List.of()));
  }

  /** Shows what there is and decides nothing. */
  private Finding withoutControl(Observations observations, Ends one) {
    GroupDissimilarities groups = dissimilarities(observations, one);
    List<Evidence> evidence =
        List.of(share(APART, groups.location()).beside(), readByRaghu(groups));
    return told(observations, one, Judgement.undecided(NO_CONTROL), evidence)
        .covering(
            Captions.varying(one.countSources()),
            Captions.fixedOfRepresentations(one.countSources()))
        .withCaveats(observations.main().map(observations::leftOut).orElse(List.of()))
        .wanting(List.of(NO_CONTROL));
  }

  private Finding told(
      Observations observations, Ends ends, Judgement judgement, List<Evidence> evidence) {
    return Finding.of(this, judgement, evidence)
        .with(ends.table(observations))
        .withCaveats(Captions.ofFew(evidence))
        .withCaveats(CAVEATS);
  }

  private static GroupDissimilarities dissimilarities(Observations observations, Ends ends) {
    return ends.byBlocks(observations, similarity -> 1 - similarity);
  }

  private static Evidence share(String what, Estimate location) {
    return share(Quantity.SHARE_APART, what, location);
  }

  private static Evidence share(Quantity quantity, String what, Estimate location) {
    return Evidence.above(
        quantity,
        what,
        location,
        GroupDissimilarities.locationOf(SHARE),
        new Scale(GroupDissimilarities::shareApart));
  }

  private static Evidence needing(Evidence share, Estimate location) {
    return share.needing(
        location,
        GroupDissimilarities.locationOf(SHARE),
        GroupDissimilarities.locationOf(EFFECT) - GroupDissimilarities.locationOf(SHARE),
        "a share of 0.4");
  }

  private static Evidence readByRaghu(GroupDissimilarities groups) {
    return Evidence.above(
            Quantity.ACROSS_OVER_RANDOM,
            "dissimilarity of transferred and random networks, as a multiple of that of two"
                + " random ones (the reading of Raghu et al. 2019)",
            groups.acrossBesideSecond(),
            0,
            Scale.EXPONENTIAL)
        .beside();
  }

  /**
   * What a shared start does alone.
   *
   * @param apart the share of random networks of one start, in the place of transferred ones
   * @param beyond the share that transferred networks have of what is left then
   */
  private record Control(Evidence apart, Evidence beyond) {}

  /** The random networks of the start that most of them share. */
  private static Optional<Control> control(Observations observations, Ends one) {
    Map<String, List<ObservedRun>> starts =
        one.withShared(observations).random().stream()
            .filter(run -> run.role().sharedStart().isPresent())
            .collect(
                Collectors.groupingBy(
                    run -> run.role().sharedStart().orElseThrow(),
                    TreeMap::new,
                    Collectors.toList()));
    starts.values().removeIf(runs -> runs.stream().anyMatch(one.random()::contains));
    return starts.values().stream()
        .max(Comparator.comparingInt(List::size))
        .map(runs -> control(observations, one, runs));
  }

  private static Control control(Observations observations, Ends one, List<ObservedRun> shared) {
    Estimate apart = dissimilarities(observations, new Ends(shared, one.random())).location();
    Estimate beyond = one.locationBeyond(shared, observations, similarity -> 1 - similarity);
    return new Control(
        share(
                Quantity.SHARE_APART_OF_SHARED_START,
                "the same of random networks that share one start (control)",
                apart)
            .beside(),
        needing(
            share(
                Quantity.SHARE_APART_BEYOND_SHARED_START,
                "share due to where the groups lie, of what a shared start leaves",
                beyond),
            beyond));
  }
}
