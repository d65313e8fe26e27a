package org.palimpsest.report.table;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.report.Results;

class TableFormatTest {

  private static final List<String> LAYERS = List.of("enc1", "up,2\"x\"");
  private static final ComparisonResult RESULT =
      Results.result(
          LAYERS,
          List.of(
              matrix("linear_cka", 1.0 / 3, 1e-7, 0.25, 1), matrix("svcca:0.9", 0.5, 0, 0.125, 1)));

  private static SimilarityMatrix matrix(String measure, double... values) {
    return new SimilarityMatrix(
        measure,
        Results.SIMILARITY,
        LAYERS,
        LAYERS,
        List.of(
            List.of(score(values[0]), score(values[1])),
            List.of(score(values[2]), score(values[3]))));
  }

  private static Optional<Score> score(double value) {
    Diagnostics plain = Diagnostics.of(4096);
    Diagnostics diagnostics =
        value == 0 ? plain.withWarning("Few samples.") : plain.withRanks(8, 7);
    return Optional.of(Score.of(value, Results.SIMILARITY, diagnostics));
  }

  @Test
  void notesStandInTheFirstLineOfACsvAlone() {
    List<String> lines = TableFormat.CSV.format(RESULT).lines().toList();
    assertThat(lines).hasSize(1 + 8);
    assertThat(lines.get(1)).contains("mode");
    assertThat(lines.subList(2, 9)).noneMatch(line -> line.contains("mode"));
  }

  @Test
  void jsonHasFullPrecisionAndWhatShouldBeKnownOfTheNetworks() throws IOException {
    String text = TableFormat.JSON.format(RESULT);
    assertThat(text).endsWith("]\n");
    JsonNode rows = new ObjectMapper().readTree(text);
    assertThat(rows).hasSize(8);
    assertThat(rows.get(0).fieldNames())
        .toIterable()
        .containsExactly("layerA", "layerB", "measure", "value", "notesB");
    assertThat(rows.get(0).get("notesB").get(0).asText()).isEqualTo("evaluation, \"mode\"");
    assertThat(rows.get(0).get("value").asDouble()).isEqualTo(1.0 / 3);
    assertThat(rows.get(1).get("measure").asText()).isEqualTo("svcca:0.9");
    assertThat(rows.get(2).get("layerB").asText()).isEqualTo("up,2\"x\"");
    assertThat(rows.get(2).get("value").asDouble()).isEqualTo(1e-7);
  }

  @Test
  void csvHasItsHeaderAndQuotesWhatNeedsIt() {
    List<String> lines = TableFormat.CSV.format(RESULT).lines().toList();
    assertThat(lines).hasSize(9);
    assertThat(lines.get(0))
        .startsWith("layer_a,layer_b,measure,value,direction,samples,rank_a,rank_b,view,warnings");
    assertThat(lines.get(1))
        .startsWith(
            "enc1,enc1,linear_cka,0.3333333333333333,similarity,4096,8,7,positions 64x64,,"
                + "runs/random/seed0/step_0000.pt,aa,,runs/random/seed0/step_0400.pt,bb,"
                + "\"evaluation, \"\"mode\"\"\"");
    assertThat(lines.get(4))
        .startsWith("enc1,\"up,2\"\"x\"\"\",svcca:0.9,0.0,similarity,4096,,,positions 64x64,Few");
  }

  @Test
  void textIsAlignedWithMeasuresAsColumnsAndWarningsBelow() {
    assertThat(TableFormat.TABLE.format(RESULT))
        .isEqualTo(
            """
            layer A  layer B  linear_cka  svcca:0.9
            enc1     enc1        0.33333    0.50000
            enc1     up,2"x"     0.00000   *0.00000
            up,2"x"  enc1        0.25000    0.12500
            up,2"x"  up,2"x"     1.00000    1.00000

            A: runs/random/seed0/step_0000.pt
            B: runs/random/seed0/step_0400.pt
            samples: positions 64x64
            * svcca:0.9 of enc1 and up,2"x": Few samples.
            """);
  }

  @Test
  void pairsThatWereNotAskedForAreLeftOut() {
    List<String> layers = List.of("a", "b", "c");
    ComparisonResult matched =
        Results.result(
            layers, List.of(Results.matrix("linear_cka", Results.SIMILARITY, layers, true)));
    assertThat(TableFormat.CSV.format(matched).lines()).hasSize(1 + 3);
    assertThat(TableFormat.TABLE.format(matched).lines().filter(l -> l.matches(".* 0\\.\\d{5}")))
        .hasSize(3);
  }

  @Test
  void filesAreWritten(@TempDir Path folder) {
    Path file = folder.resolve("deep/result.csv");
    TableFormat.CSV.write(RESULT, file);
    assertThat(file).hasContent(TableFormat.CSV.format(RESULT));
  }
}
