package org.palimpsest.similarity;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Suggestions;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.cca.CcaMeasures;
import org.palimpsest.similarity.cka.CkaMeasures;
import org.palimpsest.similarity.kernel.KernelMeasures;
import org.palimpsest.similarity.matching.MatchingMeasures;
import org.palimpsest.similarity.neighbours.NeighbourMeasures;
import org.palimpsest.similarity.output.OutputMeasures;
import org.palimpsest.similarity.regression.RegressionMeasures;
import org.palimpsest.similarity.rsa.RsaMeasures;
import org.palimpsest.similarity.shape.ShapeMeasures;
import org.palimpsest.similarity.statistics.StatisticMeasures;

/** All measures, by the names under which the command line knows them. */
public final class Measures {

  private static final List<MeasureEntry> CATALOGUE =
      Stream.of(
              CkaMeasures.entries(),
              KernelMeasures.entries(),
              CcaMeasures.entries(),
              ShapeMeasures.entries(),
              RegressionMeasures.entries(),
              RsaMeasures.entries(),
              NeighbourMeasures.entries(),
              MatchingMeasures.entries(),
              StatisticMeasures.entries(),
              OutputMeasures.entries())
          .flatMap(List::stream)
          .toList();

  private Measures() {}

  /** Every measure, in the order in which a reader would want to meet them. */
  public static List<MeasureEntry> catalogue() {
    return CATALOGUE;
  }

  /**
   * The measure of this name, with its parameters after a colon: {@code svcca:0.9}. An underscore
   * in place of the colon is understood as well: {@code svcca_0.9}.
   *
   * @throws PalimpsestException if there is none, naming the nearest, or if its parameters cannot
   *     be understood
   */
  public static Measure<?> parse(String text) {
    String wanted = text.strip();
    int colon = wanted.indexOf(':');
    String name = colon < 0 ? wanted : wanted.substring(0, colon);
    Optional<MeasureEntry> exact =
        CATALOGUE.stream().filter(entry -> entry.name().equals(name)).findFirst();
    if (exact.isPresent()) {
      return exact.get().measure(colon < 0 ? "" : wanted.substring(colon + 1));
    }
    MeasureEntry stem =
        CATALOGUE.stream()
            .filter(entry -> !entry.parameters().isEmpty() && wanted.startsWith(entry.name() + "_"))
            .max(Comparator.comparingInt(entry -> entry.name().length()))
            .orElseThrow(() -> unknown(name));
    return stem.measure(wanted.substring(stem.name().length() + 1));
  }

  private static PalimpsestException unknown(String name) {
    List<String> names = CATALOGUE.stream().map(MeasureEntry::name).toList();
    return new PalimpsestException(
        "There is no measure '%s'. The nearest names are: %s."
            .formatted(name, String.join(", ", Suggestions.nearest(name, names))));
  }
}
