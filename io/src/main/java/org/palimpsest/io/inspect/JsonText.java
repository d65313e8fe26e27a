package org.palimpsest.io.inspect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.inspect.Inspection.Use;

/** Tells what a text holds, if it is JSON. */
final class JsonText {

  private static final long LONGEST = 16L << 20;
  private static final int MOST_NAMES = 8;

  private static final String IS = "a text in JSON";

  /** What a text is for, told by the names in it. */
  private enum Role {
    NETWORK(
        "to describe a network whose weights lie in another file (--architecture)",
        json ->
            json.has("_target_")
                || json.has("blocks") && json.has("steps")
                || json.has("class_name") && json.has("config")),
    TRANSFORMS(
        "to prepare probes (patches --transforms)",
        json -> json.isArray() && json.path(0).has("_target_"),
        Use.PREPARE_BY_TRANSFORMS),
    BUNDLE(
        "in a folder of a MONAI bundle, which is given as a whole",
        json -> json.has("network_def") || json.has("network")),
    PLAN(
        "to prepare probes (patches --plan, with its dataset.json beside it)",
        json -> json.has("configurations") || json.has("plans_per_stage"),
        Use.PREPARE_BY_PLAN),
    DATASET(
        "beside the plans.json of nnU-Net (patches --plan), whose channels it names",
        json -> json.has("labels") && (json.has("channel_names") || json.has("modality"))),
    STUDY("to name the training runs of a study (track, assess)", json -> json.has("runs")),
    RUN(
        "beside a run's checkpoints (track, assess)",
        json -> json.has("start") || json.has("source") || json.has("seed")),
    TABLE(
        "as the table of a study (report, for its folder)",
        json -> json.has("figures") && json.has("checkpoints"));

    private final String use;
    private final Predicate<JsonNode> mark;
    private final Use[] next;

    Role(String use, Predicate<JsonNode> mark, Use... next) {
      this.use = use;
      this.mark = mark;
      this.next = next;
    }
  }

  private JsonText() {}

  /** Says more of a text if it is JSON. */
  static Inspection describe(Path file, Inspection found) {
    try {
      if (Files.size(file) > LONGEST) {
        return found;
      }
      JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
      return json == null || !json.isContainerNode() ? found : described(json, found);
    } catch (JsonProcessingException noJson) {
      return found;
    } catch (IOException unreadable) {
      throw new PalimpsestException(
          file + " cannot be read: " + unreadable.getMessage(), unreadable);
    }
  }

  private static Inspection described(JsonNode json, Inspection found) {
    List<String> contents = List.of(contents(json));
    return Arrays.stream(Role.values())
        .filter(role -> role.mark.test(json))
        .findFirst()
        .map(role -> found.renamed(IS, role.use).noting(contents).offering(role.next))
        .orElseGet(() -> found.renamed(IS, "for nothing here").noting(contents));
  }

  private static String contents(JsonNode json) {
    if (json.isObject()) {
      return "an object with " + names(json);
    }
    return json.isEmpty()
        ? "a list of 0"
        : "a list of %d, the first with %s".formatted(json.size(), names(json.get(0)));
  }

  private static String names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    String first = String.join(", ", names.subList(0, Math.min(MOST_NAMES, names.size())));
    return names.size() > MOST_NAMES ? first + " and more" : first;
  }
}
