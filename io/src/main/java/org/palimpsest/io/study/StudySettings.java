package org.palimpsest.io.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyView;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.io.file.AtomicFile;

/**
 * What a study asks, so that a folder can tell whether it holds the same one.
 *
 * @param values what was chosen, by the name of the choice
 */
public record StudySettings(Map<String, String> values) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public StudySettings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * @param runs where the runs are
   * @param study what is asked of them
   * @param weights by what weights are compared
   */
  public static StudySettings of(Path runs, Study study, List<? extends WeightComparison> weights) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("runs", runs.toAbsolutePath().normalize().toString());
    values.put("probes", study.probes().fingerprint().value());
    values.put("samples", study.featureMaps().toString());
    values.put("layers", study.layers().toString());
    values.put("measures", String.join(" ", study.measures().stream().map(Measure::name).toList()));
    values.put(
        "views", String.join(" ", study.views().stream().sorted().map(StudyView::label).toList()));
    values.put("weights", String.join(" ", weights.stream().map(WeightComparison::name).toList()));
    return new StudySettings(values);
  }

  /** How these differ from others, one sentence's part for each difference. */
  List<String> differencesFrom(StudySettings others) {
    List<String> differences = new ArrayList<>();
    values.forEach(
        (name, value) -> {
          String other = others.values.getOrDefault(name, "");
          if (!other.equals(value)) {
            differences.add("%s were '%s' and are '%s'".formatted(name, other, value));
          }
        });
    return differences;
  }

  static StudySettings read(Path file) {
    Map<String, String> values = new LinkedHashMap<>();
    try {
      JsonNode content = JSON.readTree(Files.readString(file));
      content.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
    } catch (IOException failure) {
      throw new PalimpsestException(
          file + " cannot be read, so that nobody knows which study this is: " + failure, failure);
    }
    return new StudySettings(values);
  }

  void write(Path file) {
    ObjectNode content = JSON.createObjectNode();
    values.forEach(content::put);
    AtomicFile.write(file, content.toPrettyString() + "\n");
  }
}
