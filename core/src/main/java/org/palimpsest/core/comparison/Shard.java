package org.palimpsest.core.comparison;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.probe.Fingerprint;

/**
 * All that is known of two networks that were shown some probes.
 *
 * @param terms what shards have in common that merge
 * @param shown the first of each range of probes, and the index after its last
 * @param a the first network
 * @param b the second
 * @param meetings of their layers
 * @param sums one for each meeting
 */
record Shard(
    Terms terms,
    SortedMap<Long, Long> shown,
    Side a,
    Side b,
    List<Meeting> meetings,
    List<StreamedLayers> sums) {

  /**
   * What is compared, and how.
   *
   * @param count of all probes
   * @param probes fingerprint of all probes
   * @param measures their names
   * @param featureMaps how they become matrices, for people
   * @param pairs which layers are compared, for people
   */
  record Terms(
      long count, Fingerprint probes, List<String> measures, String featureMaps, String pairs) {

    void requireSame(Terms other) {
      if (count != other.count || probes.conflictsWith(other.probes)) {
        throw differ(
            "probes", count + " (" + probes + ")", other.count + " (" + other.probes + ")");
      }
      requireSame("measures", measures, other.measures);
      requireSame("feature maps", featureMaps, other.featureMaps);
      requireSame("pairs of layers", pairs, other.pairs);
    }

    private static void requireSame(String what, Object one, Object other) {
      if (!one.equals(other)) {
        throw differ(what, one, other);
      }
    }
  }

  /**
   * One of the networks.
   *
   * @param provenance of the network
   * @param layers none if nothing was shown to it
   * @param features the shape of each layer's answer to one probe
   */
  record Side(Provenance provenance, List<String> layers, List<List<Long>> features) {

    static Side none() {
      return new Side(Provenance.inMemory(""), List.of(), List.of());
    }

    /**
     * @throws PalimpsestException if they are not answers to so many of these probes
     */
    static Side of(ActivationSet answers, long count, Fingerprint probes) {
      if (answers.probes().conflictsWith(probes)) {
        throw new PalimpsestException(
            "%s answers other probes (fingerprint %s) than these (%s). Show it this range of the probes of the comparison."
                .formatted(answers.name(), answers.probes(), probes));
      }
      List<long[]> shapes =
          answers.layers().stream().map(layer -> answers.get(layer).values().shape()).toList();
      for (int i = 0; i < shapes.size(); i++) {
        if (shapes.get(i)[0] != count) {
          throw new PalimpsestException(
              "Layer '%s' of %s holds answers to %d probes, not to %d. Show it exactly these."
                  .formatted(answers.layers().get(i), answers.name(), shapes.get(i)[0], count));
        }
      }
      return new Side(
          answers.provenance(),
          List.copyOf(answers.layers()),
          shapes.stream().map(shape -> Arrays.stream(shape).skip(1).boxed().toList()).toList());
    }

    boolean isNone() {
      return layers.isEmpty();
    }

    /** That this network can go on with those answers. */
    void requireSame(Side other) {
      if (isNone() || other.isNone()) {
        return;
      }
      if (!provenance.origin().equals(other.provenance.origin())
          || !provenance.sha256().equals(other.provenance.sha256())) {
        throw differ("different networks", named(provenance), named(other.provenance));
      }
      if (!layers.equals(other.layers)) {
        throw differ("different layers of " + provenance.origin(), layers, other.layers);
      }
      for (int i = 0; i < layers.size(); i++) {
        if (!features.get(i).equals(other.features.get(i))) {
          throw differ(
              "different shapes of the layer '%s' of %s"
                  .formatted(layers.get(i), provenance.origin()),
              features.get(i),
              other.features.get(i));
        }
      }
    }

    /** What was found out while it ran grows from batch to batch, but tells shards apart. */
    private void requireSameNotes(Side other) {
      if (!isNone() && !other.isNone() && !provenance.equals(other.provenance)) {
        throw differ("different networks", named(provenance), named(other.provenance));
      }
    }

    private static String named(Provenance provenance) {
      return "%s (SHA-256 %s, %s)"
          .formatted(
              provenance.origin(),
              provenance.sha256().isEmpty() ? "unknown" : provenance.sha256(),
              provenance.notes());
    }
  }

  private static PalimpsestException differ(String what, Object one, Object other) {
    return new PalimpsestException(
        "Sums over probes do not go together: %s, %s and %s. Gather all in one way."
            .formatted(what, one, other));
  }

  /** That sums of both may be added up; changes nothing. */
  void requireFitting(Shard other) {
    terms.requireSame(other.terms);
    a.requireSame(other.a);
    b.requireSame(other.b);
    a.requireSameNotes(other.a);
    b.requireSameNotes(other.b);
    if (!a.isNone() && !other.a.isNone() && !meetings.equals(other.meetings)) {
      throw differ("pairs of layers", meetings, other.meetings);
    }
  }
}
