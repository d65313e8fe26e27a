package org.palimpsest.reproduction.experiment;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.io.runs.RunsFolder;

/**
 * Two networks to be compared, and as what.
 *
 * @param comparison pairs of the same comparison belong together
 * @param a the earlier of both, or either
 * @param b the later of both, or the other
 */
public record NetworkPair(Comparison comparison, Network a, Network b) {

  private static final String TRANSFER = "transfer";
  private static final String RANDOM = "random";

  /**
   * What a comparison tells.
   *
   * @param label for tables and legends
   * @param kind what is asked
   */
  public record Comparison(String label, Kind kind) {}

  /** What is asked. */
  public enum Kind {
    /** How much of what a network held before its training still shows after it. */
    BEFORE_AND_AFTER,
    /** How alike networks are that were trained apart. */
    BETWEEN_NETWORKS
  }

  /** The same two networks the other way round. */
  NetworkPair swapped() {
    return new NetworkPair(comparison, b, a);
  }

  /** All pairs that tell of reuse, by comparison. */
  static List<NetworkPair> of(RunsFolder folder) {
    List<NetworkPair> pairs = new ArrayList<>();
    for (String initialisation : initialisations(folder)) {
      pairs.addAll(beforeAndAfter(folder, initialisation));
    }
    pairs.addAll(within(folder.startedFrom(TRANSFER), TRANSFER));
    pairs.addAll(within(folder.startedFrom(RANDOM), RANDOM));
    pairs.addAll(between(folder.startedFrom(TRANSFER), folder.startedFrom(RANDOM)));
    return pairs;
  }

  /** Transfer and random first, the others as the folder has them. */
  private static List<String> initialisations(RunsFolder folder) {
    Set<String> found = new LinkedHashSet<>(List.of(TRANSFER, RANDOM));
    folder.runs().forEach(run -> found.add(run.initialisation()));
    return List.copyOf(found);
  }

  private static List<NetworkPair> beforeAndAfter(RunsFolder folder, String initialisation) {
    boolean transferred = initialisation.equals(TRANSFER);
    Comparison comparison =
        new Comparison(
            initialisation + (transferred ? ": source to end" : ": start to end"),
            Kind.BEFORE_AND_AFTER);
    return folder.startedFrom(initialisation).stream()
        .map(
            run ->
                new NetworkPair(
                    comparison,
                    transferred ? Network.endOf(folder.requireSource()) : Network.startOf(run),
                    Network.endOf(run)))
        .toList();
  }

  private static List<NetworkPair> within(List<TrainingRun> runs, String initialisation) {
    Comparison comparison =
        new Comparison(initialisation + " / " + initialisation, Kind.BETWEEN_NETWORKS);
    List<NetworkPair> pairs = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      for (int j = i + 1; j < runs.size(); j++) {
        pairs.add(
            new NetworkPair(comparison, Network.endOf(runs.get(i)), Network.endOf(runs.get(j))));
      }
    }
    return pairs;
  }

  private static List<NetworkPair> between(List<TrainingRun> ofA, List<TrainingRun> ofB) {
    Comparison comparison = new Comparison(TRANSFER + " / " + RANDOM, Kind.BETWEEN_NETWORKS);
    return ofA.stream()
        .flatMap(
            a ->
                ofB.stream()
                    .map(b -> new NetworkPair(comparison, Network.endOf(a), Network.endOf(b))))
        .toList();
  }
}
