package org.palimpsest.similarity.neighbours;

import java.util.List;
import java.util.function.BiFunction;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.catalogue.MeasureEntry;
import org.palimpsest.similarity.catalogue.MeasureParameters;

/** This package's part of the catalogue. */
public final class NeighbourMeasures {

  private static final String K =
      "K, the number of neighbours; %d if not given".formatted(NeighbourMeasure.DEFAULT_K);
  private static final String K_AND_METRIC =
      "K:METRIC, the number of neighbours and cosine|euclidean; %d:cosine if not given"
          .formatted(NeighbourMeasure.DEFAULT_K);

  private NeighbourMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        entry("jaccard", JaccardNeighbours::new),
        entry("mutual_knn", MutualNeighbours::new),
        entry("rank_similarity", RankSimilarity::new),
        MeasureEntry.of("second_order_cosine", K, NeighbourMeasures::secondOrder));
  }

  private static MeasureEntry entry(
      String name, BiFunction<Integer, RowMetric, Measure<?>> factory) {
    return MeasureEntry.of(
        name,
        K_AND_METRIC,
        parameters -> {
          Choice choice = Choice.of(parameters);
          return factory.apply(choice.k(), choice.metric());
        });
  }

  private static Measure<?> secondOrder(MeasureParameters parameters) {
    Choice choice = Choice.of(parameters);
    if (choice.metric() != RowMetric.COSINE) {
      throw parameters.refuse("its similarities are cosines");
    }
    return new SecondOrderCosine(choice.k());
  }

  /** A number and a metric, each at most once, in any order: {@code k10_cosine}. */
  private record Choice(int k, RowMetric metric) {

    static Choice of(MeasureParameters parameters) {
      parameters.requireAtMost(2, "k");
      Choice choice =
          new Choice(
              parameters.whole("k", NeighbourMeasure.DEFAULT_K, 1, Integer.MAX_VALUE - 1),
              RowMetric.COSINE);
      for (int place = 0; place < 2; place++) {
        for (String word : parameters.word(place, "").split("[:_]")) {
          choice = word.isEmpty() ? choice : choice.with(word, parameters);
        }
      }
      return choice;
    }

    private Choice with(String word, MeasureParameters parameters) {
      for (RowMetric known : RowMetric.values()) {
        if (word.equals(known.label())) {
          return new Choice(k, known);
        }
      }
      String digits = word.startsWith("k") ? word.substring(1) : word;
      try {
        int count = Integer.parseInt(digits);
        if (count < 1) {
          throw parameters.refuse("%d neighbours are too few".formatted(count));
        }
        return new Choice(count, metric);
      } catch (NumberFormatException notANumber) {
        throw parameters.refuse("'%s' is neither a number nor a metric".formatted(word));
      }
    }
  }
}
