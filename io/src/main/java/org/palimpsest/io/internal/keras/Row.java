package org.palimpsest.io.internal.keras;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A row of the table of layers.
 *
 * @param classes what Keras calls the layer, its present name first
 * @param reads its settings that are read
 * @param ignores its settings without effect when nothing is trained, beside those of all layers
 * @param takes what it is called with by place: the names of each tensor, as releases of Keras
 *     differ
 * @param meaning what is called, and what changed its meaning, for the reader of the table
 * @param roles its arrays in the order in which Keras keeps them
 * @param trainedOtherwise whether it does something else while it is trained
 * @param build what it gives
 */
record Row(
    List<String> classes,
    List<String> reads,
    List<String> ignores,
    List<List<String>> takes,
    String meaning,
    BiFunction<LayerSettings, KnownLayers, List<Role>> roles,
    boolean trainedOtherwise,
    Function<Call, List<Tensor>> build) {

  /** A row, without settings and arrays, that hands on what it is given. */
  static Row of(String classes) {
    return new Row(
        words(classes),
        List.of(),
        List.of(),
        List.of(List.of("inputs")),
        "",
        (settings, table) -> List.of(),
        false,
        Call::inputs);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  Row reads(String names) {
    return new Row(classes, words(names), ignores, takes, meaning, roles, trainedOtherwise, build);
  }

  Row ignores(String names) {
    return new Row(classes, reads, words(names), takes, meaning, roles, trainedOtherwise, build);
  }

  /**
   * What its tensors are called where they are given by name; {@code inputs} if nothing is said.
   *
   * @param names by place; other names of the same place behind a bar
   */
  Row takes(String names) {
    List<List<String>> places = words(names).stream().map(n -> List.of(n.split("\\|"))).toList();
    return new Row(classes, reads, ignores, places, meaning, roles, trainedOtherwise, build);
  }

  Row means(String text) {
    return new Row(classes, reads, ignores, takes, text, roles, trainedOtherwise, build);
  }

  Row keeps(Function<LayerSettings, List<Role>> arrays) {
    return keepsWithin((settings, table) -> arrays.apply(settings));
  }

  /** For layers that have others within. */
  Row keepsWithin(BiFunction<LayerSettings, KnownLayers, List<Role>> arrays) {
    return new Row(classes, reads, ignores, takes, meaning, arrays, trainedOtherwise, build);
  }

  Row keeps(String... arrays) {
    return keeps(settings -> Role.list(arrays));
  }

  /** What it does while it is trained is something else. */
  Row differsInTraining() {
    return new Row(classes, reads, ignores, takes, meaning, roles, true, build);
  }

  /** With one result. */
  Row gives(Function<Call, Tensor> result) {
    return givesAll(call -> List.of(result.apply(call)));
  }

  Row givesAll(Function<Call, List<Tensor>> results) {
    return new Row(classes, reads, ignores, takes, meaning, roles, trainedOtherwise, results);
  }

  LayerSettings settings(String owner, JsonNode given) {
    return LayerSettings.of(owner, given, reads, ignores);
  }
}
