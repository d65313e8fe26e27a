package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.Arguments;

/** The transforms of a list of MONAI's that are done, one after the other. */
final class MonaiList {

  private static final int LONGEST = 60;

  private MonaiList() {}

  /**
   * All that are not disabled, those of a {@code Compose} in its place.
   *
   * @throws PalimpsestException if it is no such list, or names what is not of MONAI
   */
  static List<JsonNode> transforms(JsonNode list, String source) {
    JsonNode given = list.isObject() ? list.path("transforms") : list;
    if (!given.isArray() || list.isObject() && !MonaiKeys.name(list).equals("Compose")) {
      throw new PalimpsestException(
          "%s holds no list of MONAI's transforms, [{\"_target_\": \"LoadImaged\", …}, …]."
              .formatted(source));
    }
    if (list.isObject()) {
      requirePlainCompose(list, source);
    }
    List<JsonNode> transforms = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      JsonNode transform = requireNamed(given.get(i), i + 1, source);
      if (!isDisabled(transform)) {
        transforms.addAll(
            MonaiKeys.name(transform).equals("Compose")
                ? transforms(transform, source)
                : List.of(transform));
      }
    }
    return transforms;
  }

  /** As Python takes a value for true or false, but texts by what they say. */
  private static boolean isDisabled(JsonNode transform) {
    JsonNode said = transform.path("_disabled_");
    return switch (said.getNodeType()) {
      case BOOLEAN -> said.booleanValue();
      case STRING -> said.textValue().strip().equalsIgnoreCase("true");
      case NUMBER -> said.doubleValue() != 0;
      case ARRAY, OBJECT -> !said.isEmpty();
      default -> false;
    };
  }

  private static void requirePlainCompose(JsonNode list, String source) {
    if (isDisabled(list)) {
      throw new PalimpsestException(
          "%s disables all of its transforms ('_disabled_'), so that MONAI prepares nothing. Take that away, or name a list that is in use."
              .formatted(source));
    }
    requireOfMonai(list, source);
    Arguments compose =
        Arguments.of("Compose of " + source, list)
            .withoutEffect("_target_", "_disabled_", "_desc_", "transforms", "map_items")
            .withoutEffect("unpack_items", "log_stats");
    requireEager(compose);
    compose.requireAllAsked();
  }

  private static void requireOfMonai(JsonNode transform, String source) {
    String target = transform.path("_target_").asText();
    if (target.contains(".") && !target.startsWith("monai.")) {
      throw new PalimpsestException(
          "%s names '%s', which is no transform of MONAI's: code of others is not run. Leave it out, or prepare the images in Python."
              .formatted(source, target));
    }
  }

  /** Steps that are put off are done in one with later ones, which gives other numbers. */
  static void requireEager(Arguments arguments) {
    if (arguments.truth("lazy", false)) {
      throw arguments.wrong("lazy", "false");
    }
  }

  private static JsonNode requireNamed(JsonNode transform, int number, String source) {
    if (!transform.isObject() || MonaiKeys.name(transform).isEmpty()) {
      String text = transform.toString();
      throw new PalimpsestException(
          "Transform %d of %s is %s: each should be an object with its name as '_target_', such as {\"_target_\": \"Orientationd\", \"keys\": \"image\", \"axcodes\": \"RAS\"}."
              .formatted(
                  number,
                  source,
                  text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text));
    }
    requireOfMonai(transform, source);
    return transform;
  }
}
