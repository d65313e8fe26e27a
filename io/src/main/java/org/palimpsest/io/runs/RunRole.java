package org.palimpsest.io.runs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.StrictJson;

/**
 * What a training run is an example of, as far as that is said: by a file {@code run.json} beside
 * its checkpoints, by the fields of the same names of a run in a JSON file, or by the folder's
 * name.
 *
 * <pre>
 * {"start": "source", "source": "membranes", "frozen": "encoder", "task": "vessels",
 *  "difficulty": "hard", "images": "few", "floor": false, "longer": false, "pair": "0"}
 * </pre>
 *
 * @param start {@code random}; {@code random:NAME} of runs that share one random start; {@code
 *     source}; any other word for what no claim asks about
 * @param source the run whose last weights this one started from, or was held against
 * @param frozen what was not trained: {@code encoder}, {@code encoder-filters} (its normalisation
 *     was trained), {@code decoder}
 * @param task what was learned
 * @param difficulty {@code easy} or {@code hard}
 * @param images {@code few}, {@code many}, or a number of training images
 * @param floor whether it could not use what an encoder sees
 * @param longer whether it was trained for many times as many steps as the others: a positive
 *     control of claims that training leaves no trace
 * @param pair what runs share that learned from the same images in the same order
 */
public record RunRole(
    Optional<String> start,
    Optional<String> source,
    Optional<String> frozen,
    Optional<String> task,
    Optional<String> difficulty,
    Optional<String> images,
    boolean floor,
    boolean longer,
    Optional<String> pair) {

  /** The fields of JSON. */
  static final Set<String> FIELDS =
      Set.of(
          "start", "source", "frozen", "task", "difficulty", "images", "floor", "longer", "pair");

  /** What the file beside checkpoints is called. */
  public static final String FILE = "run.json";

  private static final String RANDOM = "random";
  private static final String SOURCE = "source";
  private static final Pattern OF_A_FOLDER =
      Pattern.compile(
          "(?<start>random|transfer|frozen_(?<frozen>encoder|decoder)|floor)(?:_(?<difficulty>easy|hard))?(?:_(?<images>few|many))?");
  private static final Set<String> FROZEN = Set.of("encoder", "encoder-filters", "decoder");
  private static final Set<String> DIFFICULTIES = Set.of("easy", "hard");
  private static final Pattern IMAGES = Pattern.compile("few|many|[1-9][0-9]{0,8}");

  /** Nothing is said. */
  public static RunRole unknown() {
    return new RunRole(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }

  /**
   * What the name of a group of runs says: {@code random}, {@code transfer}, {@code
   * frozen_encoder}, {@code frozen_decoder} (both from random weights), {@code floor}, each perhaps
   * followed by {@code _easy} or {@code _hard} and {@code _few} or {@code _many}.
   */
  static RunRole named(String initialisation) {
    Matcher name = OF_A_FOLDER.matcher(initialisation);
    if (!name.matches()) {
      return unknown();
    }
    boolean transferred = name.group("start").equals("transfer");
    return new RunRole(
        Optional.of(transferred ? SOURCE : RANDOM),
        transferred ? Optional.of(SOURCE) : Optional.empty(),
        Optional.ofNullable(name.group("frozen")),
        Optional.empty(),
        Optional.ofNullable(name.group("difficulty")),
        Optional.ofNullable(name.group("images")),
        name.group("start").equals("floor"),
        false,
        Optional.empty());
  }

  /**
   * Reads the fields of a run; what it does not say, another role says.
   *
   * @param node an object that may have other fields too
   * @param otherwise what holds of fields that are missing
   */
  static RunRole read(JsonNode node, RunRole otherwise, Path file, String place) {
    Reader fields = new Reader(node, file, place);
    Optional<String> start = fields.text("start").or(otherwise::start);
    Optional<String> source = fields.text(SOURCE).or(otherwise::source);
    boolean named = start.isPresent() && start.get().equals(SOURCE) && source.isEmpty();
    return new RunRole(
        start,
        named ? Optional.of(SOURCE) : source,
        fields.oneOf("frozen", FROZEN).or(otherwise::frozen),
        fields.text("task").or(otherwise::task),
        fields.oneOf("difficulty", DIFFICULTIES).or(otherwise::difficulty),
        fields.images().or(otherwise::images),
        fields.flag("floor").orElse(otherwise.floor()),
        fields.flag("longer").orElse(otherwise.longer()),
        fields.text("pair").or(otherwise::pair));
  }

  /** As text in the form that the file beside checkpoints has; what is not known is left out. */
  public String toJson() {
    ObjectNode json = StrictJson.mapper().createObjectNode();
    start.ifPresent(told -> json.put("start", told));
    source.ifPresent(told -> json.put(SOURCE, told));
    frozen.ifPresent(told -> json.put("frozen", told));
    task.ifPresent(told -> json.put("task", told));
    difficulty.ifPresent(told -> json.put("difficulty", told));
    images.ifPresent(told -> json.put("images", told));
    if (floor) {
      json.put("floor", true);
    }
    if (longer) {
      json.put("longer", true);
    }
    pair.ifPresent(told -> json.put("pair", told));
    return json.toPrettyString() + System.lineSeparator();
  }

  /** Whether it began with random weights, nothing being frozen, and was not trained longer. */
  public boolean isRandom() {
    return isRandomAndWhole() && !longer;
  }

  /** The same, but trained longer. */
  public boolean isRandomTrainedLonger() {
    return isRandomAndWhole() && longer;
  }

  private boolean isRandomAndWhole() {
    return startsAtRandom() && frozen.isEmpty() && !floor;
  }

  /** Whether it began with the weights of a source, nothing being frozen. */
  public boolean isTransferred() {
    return start.filter(SOURCE::equals).isPresent() && frozen.isEmpty() && !floor && !longer;
  }

  /** Whether its encoder stayed at random weights, its normalisation too. */
  public boolean isFrozenRandomEncoder() {
    return startsAtRandom() && frozen.filter("encoder"::equals).isPresent() && !floor && !longer;
  }

  private boolean startsAtRandom() {
    return start.filter(word -> word.equals(RANDOM) || word.startsWith(RANDOM + ":")).isPresent();
  }

  /** The name of a random start that several runs share. */
  public Optional<String> sharedStart() {
    return start
        .filter(word -> word.startsWith(RANDOM + ":"))
        .map(word -> word.substring(RANDOM.length() + 1));
  }

  private record Reader(JsonNode node, Path file, String place) {

    Optional<String> text(String field) {
      JsonNode told = node.path(field);
      if (node.has(field) && (!told.isTextual() || told.textValue().isBlank())) {
        throw wrong(field, told, "a text");
      }
      return node.has(field) ? Optional.of(told.textValue()) : Optional.empty();
    }

    Optional<String> oneOf(String field, Set<String> words) {
      Optional<String> told = text(field);
      if (told.isPresent() && !words.contains(told.get())) {
        throw wrong(
            field,
            node.path(field),
            "one of " + String.join(", ", words.stream().sorted().toList()));
      }
      return told;
    }

    Optional<String> images() {
      if (!node.has("images")) {
        return Optional.empty();
      }
      String told = node.path("images").asText();
      if (!IMAGES.matcher(told).matches()) {
        throw wrong("images", node.path("images"), "few, many, or a number of images");
      }
      return Optional.of(told);
    }

    Optional<Boolean> flag(String field) {
      if (node.has(field) && !node.path(field).isBoolean()) {
        throw wrong(field, node.path(field), "true or false");
      }
      return node.has(field) ? Optional.of(node.path(field).booleanValue()) : Optional.empty();
    }

    private PalimpsestException wrong(String field, JsonNode told, String wanted) {
      return new PalimpsestException(
          "%s: %s should say \"%s\" as %s, unlike: %s."
              .formatted(file, place, field, wanted, told));
    }
  }
}
