package org.palimpsest.io.study;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
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
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import org.palimpsest.core.evolution.WeightComparison;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.internal.file.AtomicFile;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.JsonDamage;
import org.palimpsest.internal.file.StrictJson;

/**
 * What a study asks, so that a folder can tell whether it holds the same one. Figures in a journal
 * are found by the content of what they are of, and hold whatever else was asked; but a table that
 * mixes the answers to two questions would mislead, so that a folder takes another study only where
 * the caller allows it.
 *
 * @param values what was chosen, by the name of the choice
 * @param facts what else is to be remembered, which makes no other study of it
 */
public record StudySettings(Map<String, String> values, Map<String, String> facts) {

  private static final String VALUES = "study";
  private static final String FACTS = "facts";

  public StudySettings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  /**
   * The settings of a study, with which another one is compared by {@link StudyFolder#settle}.
   *
   * @param runs where the training runs are
   * @param study what is asked of them: probes by their fingerprint, layers, measures and views
   * @param weights by what weights are compared
   */
  public static StudySettings of(Path runs, Study study, List<? extends WeightComparison> weights) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("runs", runs.toAbsolutePath().normalize().toString());
    values.put("probes", study.probes().fingerprint().value());
    values.put("samples", study.featureMaps().toString());
    values.put("layers", study.layers().toString());
    values.put("measures", words(study.measures().stream().map(Measure::name).toList()));
    values.put("views", words(study.views().stream().sorted().map(StudyView::label).toList()));
    values.put("pairs", words(study.pairs().stream().map(RunStep.Pair::toString).toList()));
    values.put("weights", words(weights.stream().map(WeightComparison::name).toList()));
    return new StudySettings(values, Map.of());
  }

  private static String words(List<String> words) {
    return String.join(" ", words);
  }

  /** The same with more that was chosen, by the name of the choice; no choice is an empty text. */
  public StudySettings withValues(Map<String, String> chosen) {
    Map<String, String> more = new LinkedHashMap<>(values);
    more.putAll(chosen);
    return new StudySettings(more, facts);
  }

  /** The same study with something to be remembered. */
  public StudySettings withFact(String name, String fact) {
    Map<String, String> more = new LinkedHashMap<>(facts);
    more.put(name, fact);
    return new StudySettings(values, more);
  }

  /** How these differ from others, part of a sentence for each difference. */
  List<String> differencesFrom(StudySettings others) {
    List<String> differences = new ArrayList<>();
    values.forEach(
        (name, value) -> {
          String other = others.values.getOrDefault(name, "");
          if (!other.equals(value)) {
            differences.add("%s were '%s' and are now '%s'".formatted(name, other, value));
          }
        });
    return differences;
  }

  static StudySettings read(Path file) {
    InputFiles.require(file);
    try (SealedJson.Input in = new SealedJson.Input(Files.newInputStream(file))) {
      byte[] bytes = in.readAllBytes();
      in.requireSeal();
      JsonNode content = StrictJson.mapper().readTree(bytes);
      return new StudySettings(texts(content.path(VALUES)), texts(content.path(FACTS)));
    } catch (IOException failure) {
      throw new PalimpsestException(
          "%s cannot be read, so that nobody knows which study this is (%s). Delete it and give the command 'track' again."
              .formatted(file, JsonDamage.inWords(failure)),
          failure);
    }
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  void write(Path file) {
    AtomicFile.write(
        file,
        out ->
            SealedJson.write(
                out,
                json -> {
                  write(json, VALUES, values);
                  write(json, FACTS, facts);
                }));
  }

  private static void write(JsonGenerator json, String name, Map<String, String> texts)
      throws IOException {
    json.writeObjectFieldStart(name);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      json.writeStringField(text.getKey(), text.getValue());
    }
    json.writeEndObject();
  }
}
