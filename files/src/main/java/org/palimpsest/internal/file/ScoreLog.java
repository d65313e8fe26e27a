package org.palimpsest.internal.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/**
 * Dice coefficients of a training run by step, as JSON: {@code [{"step": 0, "dsc": 0.1}, …]}. Steps
 * are integers that stand there once, scores are finite numbers; the order does not matter. Such a
 * file beside the checkpoints of a run tells how well it did, also at steps of which no checkpoint
 * was kept: curves of training are drawn of it, and claims about the speed of training judged by
 * it.
 */
public final class ScoreLog {

  private static final ObjectMapper JSON = StrictJson.mapper();
  private static final String STEP = "step";
  private static final String SCORE = "dsc";
  private static final String FORM = "should be like [{\"step\": 0, \"dsc\": 0.5}]";

  private ScoreLog() {}

  /**
   * As text in the form that {@link #read} reads, in the order of the map.
   *
   * @param scores by step, finite
   * @throws PalimpsestException if a score is not finite
   */
  public static String write(Map<Long, Double> scores) {
    ArrayNode log = JSON.createArrayNode();
    scores.forEach(
        (step, score) -> {
          if (!Double.isFinite(score)) {
            throw new PalimpsestException(
                "The score of step %s is %s, which cannot be kept in a log."
                    .formatted(step, score));
          }
          log.addObject().put(STEP, step).put(SCORE, score);
        });
    return log.toPrettyString() + System.lineSeparator();
  }

  /**
   * The scores by step; none if there is no such file.
   *
   * @throws PalimpsestException if the file is there but not of this form
   * @param file beside a run's checkpoints; need not exist
   * @return in the order of the file
   */
  public static Map<Long, Double> read(Path file) {
    Map<Long, Double> scores = new LinkedHashMap<>();
    if (!Files.exists(file)) {
      return scores;
    }
    for (JsonNode entry : parse(file)) {
      if (!isStep(entry.path(STEP)) || !isScore(entry.path(SCORE))) {
        throw malformed(file, entry.toString());
      }
      long step = entry.path(STEP).longValue();
      if (scores.put(step, entry.path(SCORE).doubleValue()) != null) {
        throw new PalimpsestException("%s has two scores of step %s.".formatted(file, step));
      }
    }
    return scores;
  }

  public static boolean isStep(JsonNode node) {
    return node.isIntegralNumber() && node.canConvertToLong();
  }

  public static boolean isScore(JsonNode node) {
    return node.isNumber() && Double.isFinite(node.doubleValue());
  }

  private static JsonNode parse(Path file) {
    InputFiles.require(file);
    try {
      JsonNode log =
          JSON.reader()
              .with(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
              .readTree(Files.readString(file));
      if (!log.isArray()) {
        throw malformed(file, "what is no list");
      }
      return log;
    } catch (JsonProcessingException | CharacterCodingException failure) {
      throw new PalimpsestException(
          "%s is not sound JSON: %s. It %s.".formatted(file, JsonDamage.inWords(failure), FORM),
          failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static PalimpsestException malformed(Path file, String found) {
    return new PalimpsestException("%s %s, unlike: %s".formatted(file, FORM, found));
  }
}
