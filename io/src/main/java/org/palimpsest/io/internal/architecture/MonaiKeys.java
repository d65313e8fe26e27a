package org.palimpsest.io.internal.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.internal.nn.Arguments;

/**
 * The entries of MONAI's dictionary that the transforms of a list work on: which of them is the
 * image, and what the transforms so far have made of it. The order of transforms is checked by it:
 * each entry is loaded once before anything is done to it, channels stand first before a transform
 * takes the first axis for them, and axes are moved only while MONAI knows how they lie.
 */
final class MonaiKeys {

  private static final String KEYS = "keys";
  private static final String LOAD = "LoadImage";
  private static final String USUAL_IMAGE = "image";

  private final String source;
  private final String image;
  private final boolean keyed;
  private final Set<String> all;
  private final Set<String> loaded = new HashSet<>();
  private boolean loadedWithoutChannels;

  /** After which transform MONAI knows the image's axes no more; empty if it does. */
  private String forgotten = "";

  private MonaiKeys(String source, boolean keyed, Set<String> all) {
    this.source = source;
    this.keyed = keyed;
    this.all = all;
    this.image = all.contains(USUAL_IMAGE) ? USUAL_IMAGE : all.iterator().next();
  }

  /**
   * @param transforms the whole list, in order
   * @param notes it is added which key is taken for the image where that is not clear
   * @throws PalimpsestException if the list does not begin with {@code LoadImage}
   */
  static MonaiKeys of(String source, List<JsonNode> transforms, List<String> notes) {
    String first = transforms.isEmpty() ? "" : MonaiTransforms.name(transforms.get(0));
    if (!MonaiTransforms.plain(first).equals(LOAD)) {
      throw new PalimpsestException(
          "%s %s, where MONAI's lists begin with LoadImage. Put {\"_target_\": \"LoadImaged\", \"keys\": \"image\"} and EnsureChannelFirstd before it."
              .formatted(
                  source, first.isEmpty() ? "has no transform" : "begins with '" + first + "'"));
    }
    boolean keyed = MonaiTransforms.isKeyed(first);
    Set<String> all = new LinkedHashSet<>();
    for (JsonNode transform : transforms) {
      if (keyed && MonaiTransforms.plain(MonaiTransforms.name(transform)).equals(LOAD)) {
        all.addAll(names(arguments(transform, source)));
      }
    }
    all.addAll(keyed ? List.of() : List.of(USUAL_IMAGE));
    MonaiKeys keys = new MonaiKeys(source, keyed, all);
    if (!keys.image.equals(USUAL_IMAGE) && all.size() > 1) {
      notes.add(
          "of the keys %s of %s, '%s' is taken for the image".formatted(all, source, keys.image));
    }
    return keys;
  }

  private static Arguments arguments(JsonNode transform, String source) {
    return Arguments.of("%s of %s".formatted(MonaiTransforms.name(transform), source), transform);
  }

  /**
   * What a transform works on.
   *
   * @param names its keys; the image alone for a transform of arrays
   */
  record Asked(String transform, boolean isKeyed, List<String> names) {

    /** An argument that may be a list with one value for each key. */
    JsonNode each(Arguments arguments, String name, int at) {
      JsonNode node = arguments.node(name);
      if (!node.isArray()) {
        return node;
      }
      if (!isKeyed || node.size() != names.size()) {
        throw arguments.wrong(
            name,
            isKeyed
                ? "one value, or one for each of the %s keys %s,".formatted(names.size(), names)
                : "one value");
      }
      return node.get(at);
    }
  }

  /**
   * The keys of the next transform.
   *
   * @throws PalimpsestException if MONAI would not find one of them, or find it loaded already
   */
  Asked of(Arguments arguments, JsonNode transform) {
    String name = MonaiTransforms.name(transform);
    if (MonaiTransforms.isKeyed(name) != keyed) {
      throw new PalimpsestException(
          "%s mixes transforms of dictionaries (LoadImaged) with those of arrays (LoadImage), such as '%s', which MONAI cannot do. Write all of them in one way."
              .formatted(source, name));
    }
    boolean lenient = keyed && arguments.truth("allow_missing_keys", false);
    List<String> names = keyed ? names(arguments) : List.of(USUAL_IMAGE);
    boolean loads = MonaiTransforms.plain(name).equals(LOAD);
    for (String key : names) {
      if (loads && !loaded.add(key)) {
        throw new PalimpsestException(
            "%s loads %s twice, which MONAI cannot do. Leave one %s out."
                .formatted(source, keyed ? "'" + key + "'" : "its image", name));
      }
      if (!loaded.contains(key) && !lenient) {
        throw new PalimpsestException(
            "%s of %s works on '%s', which no LoadImaged before it loads."
                .formatted(name, source, key));
      }
    }
    return new Asked(name, keyed, names);
  }

  private static List<String> names(Arguments arguments) {
    JsonNode keys = arguments.node(KEYS);
    List<String> names = new ArrayList<>();
    if (keys.isTextual()) {
      names.add(keys.textValue());
    }
    keys.forEach(key -> names.add(key.asText()));
    if (names.isEmpty() || Set.copyOf(names).size() < names.size()) {
      throw arguments.wrong(KEYS, "a name, or a list of different names");
    }
    return names;
  }

  /** What the list calls the image. */
  String image() {
    return image;
  }

  boolean isOfImage(Asked asked) {
    return asked.names.contains(image);
  }

  /** Where the image is among the keys of a transform. */
  int position(Asked asked) {
    return asked.names.indexOf(image);
  }

  void requireImage(Asked asked) {
    if (!isOfImage(asked)) {
      throw new PalimpsestException(
          "%s of %s works on '%s' and not on '%s', the image; masks are moved with their image here, and in no other way. Leave it out."
              .formatted(asked.transform, source, String.join("', '", asked.names), image));
    }
  }

  /** The keys of a transform that are loaded and are not the image, such as that of labels. */
  List<String> others(Asked asked) {
    return asked.names.stream().filter(key -> !key.equals(image) && loaded.contains(key)).toList();
  }

  /** What is loaded beside the image and a transform leaves as it is. */
  List<String> othersThatStay(Asked asked) {
    return all.stream().filter(key -> !key.equals(image) && !asked.names.contains(key)).toList();
  }

  /** The image was loaded if it is among the keys; its channels are put first at once, or not. */
  void loaded(Asked asked, boolean withChannels) {
    if (isOfImage(asked)) {
      loadedWithoutChannels = !withChannels;
    }
  }

  /**
   * Channels of what is asked for are put first.
   *
   * @throws PalimpsestException if MONAI does not know the axes, or the channels are first already
   */
  void channelsPutFirst(Asked asked) {
    requireAxesKnown(asked);
    if (isOfImage(asked) && !loadedWithoutChannels) {
      throw new PalimpsestException(
          "%s of %s comes where channels are first already, and MONAI adds one more axis. Leave it out."
              .formatted(asked.transform, source));
    }
    loadedWithoutChannels &= !isOfImage(asked);
  }

  /** The metadata of what is asked for, which say how its axes lie, are no more. */
  void metadataDropped(Asked asked) {
    if (isOfImage(asked)) {
      forgotten = asked.transform;
    }
  }

  void requireAxesKnown(Asked asked) {
    if (!forgotten.isEmpty() && isOfImage(asked)) {
      throw new PalimpsestException(
          "%s of %s comes after %s without metadata, from where on MONAI does not know how the axes lie and how far voxels are apart. Put it before that."
              .formatted(asked.transform, source, forgotten));
    }
  }

  /** MONAI takes the first axis for channels, whichever it is. */
  void requireChannelsFirst(Asked asked) {
    if (loadedWithoutChannels) {
      throw new PalimpsestException(
          "%s of %s comes before EnsureChannelFirst, so that MONAI takes the first axis of the image for channels. Put EnsureChannelFirst right after LoadImage."
              .formatted(asked.transform, source));
    }
  }

  void requireChannelsFirstAtTheEnd() {
    if (loadedWithoutChannels) {
      throw new PalimpsestException(
          "%s has LoadImage and no EnsureChannelFirst, so that MONAI takes the first axis for channels. Put EnsureChannelFirst after it."
              .formatted(source));
    }
  }
}
