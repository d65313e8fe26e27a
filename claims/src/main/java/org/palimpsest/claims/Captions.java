package org.palimpsest.claims;

import java.util.ArrayList;
import java.util.List;

/** What intervals cover, in words. */
final class Captions {

  static final String FEW =
      "With three networks in a group the interval rests on the assumption that their figures are"
          + " normally distributed, which three cannot show.";
  static final String SKEWED =
      "A figure that is skewed between networks makes an interval of few networks a little too"
          + " narrow (91 to 94 % instead of 95 %).";
  private static final String HELD_OUT = "the held-out images on which Dice was measured (one set)";
  private static final String PROBES = "the probes that all networks were shown (one set)";
  private static final String WIDTH = "the architecture and its width";

  private Captions() {}

  /**
   * What differs between networks of one group.
   *
   * @param sources how many sources the transferred networks started from; 0 if a figure has none
   */
  static List<String> varying(long sources) {
    List<String> varies = new ArrayList<>();
    varies.add("random starting weights, of the networks that start at random");
    varies.add(
        "the order of the training images, and the images themselves if each run drew others");
    if (sources > 2) {
      varies.add("the source of the transferred networks (%s sources)".formatted(sources));
    } else if (sources > 0) {
      varies.add("not the start of the transferred networks, which is their source's end");
    }
    return varies;
  }

  /** Of figures of transferred networks from so many sources. */
  static List<String> fixedOfScores(long sources) {
    return List.of(sources(sources), HELD_OUT, WIDTH);
  }

  /** Of figures of which no transferred network is part. */
  static List<String> fixedOfScores() {
    return List.of(HELD_OUT, WIDTH);
  }

  static List<String> fixedOfRepresentations(long sources) {
    return List.of(sources(sources), PROBES, WIDTH);
  }

  static List<String> fixedOfWeights() {
    return List.of("the training images, unless each run drew others", WIDTH);
  }

  private static String sources(long sources) {
    return sources > 2
        ? "tasks other than those trained here"
        : "the source network (%s: what is said holds for it, not for sources in general)"
            .formatted(sources > 1 ? "two of them" : "one");
  }

  /** Caveats that depend on how few networks there are. */
  static List<String> ofFew(List<Evidence> evidence) {
    int least = evidence.stream().mapToInt(Evidence::networks).min().orElse(0);
    return least == 3 ? List.of(FEW) : List.of();
  }
}
