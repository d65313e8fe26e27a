package org.palimpsest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;

/** Made-up results for the tests of tables and pictures. */
public final class Results {

  public static final MeasureProperties SIMILARITY = properties(Direction.SIMILARITY, Range.UNIT);
  public static final MeasureProperties DISTANCE =
      properties(Direction.DISTANCE, Range.NON_NEGATIVE);

  private Results() {}

  private static MeasureProperties properties(Direction direction, Range range) {
    return MeasureProperties.of(direction, "").range(range).build();
  }

  /** Values that fall off with the distance from the diagonal. */
  public static SimilarityMatrix matrix(
      String measure, MeasureProperties properties, List<String> layers, boolean matchedOnly) {
    List<List<Optional<Score>>> scores = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      int row = i;
      IntToDoubleFunction value =
          j ->
              Math.exp(-Math.abs(row - j) * 6.0 / layers.size())
                  * (0.95 - 0.3 * row / layers.size());
      scores.add(
          IntStream.range(0, layers.size())
              .mapToObj(
                  j ->
                      matchedOnly && j != row
                          ? Optional.<Score>empty()
                          : Optional.of(score(value.applyAsDouble(j), properties)))
              .toList());
    }
    return new SimilarityMatrix(measure, properties, layers, layers, scores);
  }

  private static Score score(double value, MeasureProperties properties) {
    return Score.of(value, properties, Diagnostics.of(131072).withRanks(8, 7));
  }

  public static ComparisonResult result(List<String> layers, List<SimilarityMatrix> matrices) {
    List<String> views = layers.stream().map(layer -> "positions 64x64").toList();
    return new ComparisonResult(
        new Provenance("runs/random/seed0/step_0000.pt", "aa", List.of()),
        new Provenance("runs/random/seed0/step_0400.pt", "bb", List.of("evaluation, \"mode\"")),
        matrices,
        layers.stream().map(layer -> views).toList());
  }
}
