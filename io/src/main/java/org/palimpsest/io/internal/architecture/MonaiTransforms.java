package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.Arguments;

/**
 * A list of MONAI's transforms as it is written: which of them are done, and what each is called.
 */
final class MonaiTransforms {

  private static final int LONGEST = 60;

  private MonaiTransforms() {}

  /** All that are not disabled, those of a {@code Compose} in its place. */
  static List<JsonNode> inOrder(JsonNode list, String source) {
    JsonNode given = list.isObject() ? list.path("transforms") : list;
    if (!given.isArray() || list.isObject() && !name(list).equals("Compose")) {
      throw new PalimpsestException(
          "%s holds no list of MONAI's transforms, [{\"_target_\": \"LoadImaged\", …}, …]."
              .formatted(source));
    }
    if (list.isObject()) {
      requireNamed(list, 0, source);
      requirePlainCompose(list, source);
    }
    List<JsonNode> transforms = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      JsonNode transform = requireNamed(given.get(i), i + 1, source);
      if (BundleReferences.isDisabled(transform, source)) {
        continue;
      }
      transforms.addAll(
          name(transform).equals("Compose") ? inOrder(transform, source) : List.of(transform));
    }
    return transforms;
  }

  private static void requirePlainCompose(JsonNode list, String source) {
    Arguments compose =
        Arguments.of("Compose of " + source, list)
            .withoutEffect("_target_", "_disabled_", "_desc_", "transforms", "map_items")
            .withoutEffect("unpack_items", "log_stats", "_requires_");
    if (BundleReferences.isDisabled(list, source)) {
      throw compose.wrong("_disabled_", "false, since MONAI makes nothing of it otherwise,");
    }
    requireEager(compose);
    compose.requireAllAsked();
  }

  /** Steps that are put off are done in one with later ones, which gives other numbers. */
  static void requireEager(Arguments arguments) {
    if (arguments.truth("lazy", false)) {
      throw arguments.wrong("lazy", "false");
    }
    if (!arguments.text(Architectures.MODE, "default").equals("default")) {
      throw arguments.wrong(Architectures.MODE, Architectures.ONLY_MODE);
    }
  }

  /** MONAI's own stand without a module, or with theirs. */
  private static JsonNode requireNamed(JsonNode transform, int number, String source) {
    if (!transform.isObject() || name(transform).isEmpty()) {
      String text = transform.toString();
      throw new PalimpsestException(
          "Transform %s of %s is %s: each should be an object with its name as '_target_', such as {\"_target_\": \"Orientationd\", \"keys\": \"image\", \"axcodes\": \"RAS\"}."
              .formatted(
                  number,
                  source,
                  text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text));
    }
    String target = transform.path("_target_").textValue();
    if (target.contains(".") && !target.startsWith("monai.")) {
      throw new PalimpsestException(
          "%s has the transform '%s', which is none of MONAI's own and is not done here. Prepare the images where it is, and give their arrays."
              .formatted(source, target));
    }
    return transform;
  }

  static String name(JsonNode transform) {
    String target = transform.path("_target_").asText("");
    return target.substring(target.lastIndexOf('.') + 1);
  }

  /** Some names of transforms of arrays end in d themselves. */
  static boolean isKeyed(String name) {
    return name.matches(".*[a-z](d|D|Dict)") && !name.matches(".*(Foreground|Pad)");
  }

  /** The name of the transform of arrays that a dictionary transform does. */
  static String plain(String name) {
    return isKeyed(name) ? name.replaceFirst("(d|D|Dict)$", "") : name;
  }
}
