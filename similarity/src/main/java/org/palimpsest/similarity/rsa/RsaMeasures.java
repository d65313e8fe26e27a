package org.palimpsest.similarity.rsa;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.catalogue.MeasureParameters;

/** This package's part of the catalogue. */
public final class RsaMeasures {

  private static final String DISTANCES =
      Arrays.stream(RowDistance.values()).map(RowDistance::label).collect(Collectors.joining("|"));
  private static final String COMPARISONS =
      Arrays.stream(RdmComparison.values())
          .map(RdmComparison::label)
          .collect(Collectors.joining("|"));

  private RsaMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of(
            "rsa",
            "DISTANCE:COMPARISON, %s and %s; correlation:spearman if not given"
                .formatted(DISTANCES, COMPARISONS),
            RsaMeasures::rsa),
        MeasureEntry.of("rsm_norm_difference", "euclidean", RsaMeasures::rsmNormDifference));
  }

  private static Rsa rsa(MeasureParameters parameters) {
    parameters.requireAtMost(2);
    Rsa rsa = Rsa.withDefaults();
    String text = parameters.word(0, "");
    String second = parameters.word(1, "");
    if (text.isEmpty()) {
      return rsa;
    }
    String both = second.isEmpty() ? text : text + ":" + second;
    String wanted = both.replace('_', ':');
    for (RowDistance distance : RowDistance.values()) {
      for (RdmComparison comparison : RdmComparison.values()) {
        String name = (distance.label() + ":" + comparison.label()).replace('_', ':');
        if (wanted.equals(name)) {
          return new Rsa(distance, comparison);
        }
      }
      if (wanted.equals(distance.label().replace('_', ':'))) {
        return rsa.withDistance(distance);
      }
    }
    throw parameters.refuse("'%s' is no distance and comparison".formatted(both));
  }

  private static RsmNormDifference rsmNormDifference(MeasureParameters parameters) {
    parameters.requireAtMost(1);
    if (!parameters.word(0, "euclidean").equals("euclidean")) {
      throw parameters.refuse("'%s' is no distance it knows".formatted(parameters.word(0, "")));
    }
    return new RsmNormDifference();
  }
}
