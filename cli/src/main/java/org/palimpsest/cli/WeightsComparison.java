package org.palimpsest.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.Version;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.text.CsvText;
import org.palimpsest.similarity.filters.FilterDistance;
import org.palimpsest.similarity.filters.FilterRandomness;
import org.palimpsest.similarity.filters.Initialisation;
import org.palimpsest.similarity.filters.NetworkFilterComparison;
import org.palimpsest.similarity.filters.NetworkRandomness;
import org.palimpsest.similarity.weights.NetworkChange;
import org.palimpsest.similarity.weights.NetworkFilters;
import org.palimpsest.similarity.weights.WeightChange;
import org.palimpsest.similarity.weights.WeightStatistic;

/**
 * All that is told of two networks' weights.
 *
 * @param change how far weights went from A to B
 * @param filters how near filters are, in whatever order they stand; empty if no layer has filters
 *     of one size in both
 * @param randomnessOfA how random A's filters look
 * @param randomnessOfB how random B's filters look, and whether their values are distributed as A's
 */
record WeightsComparison(
    NetworkChange change,
    Optional<NetworkFilterComparison> filters,
    NetworkRandomness randomnessOfA,
    NetworkRandomness randomnessOfB) {

  /** A statistic and what it is about: change, filters, randomness_a, randomness_b and so on. */
  record Row(String about, WeightStatistic statistic) {}

  /**
   * @param start what fresh weights look like; if it is not known, as those of A, if they look
   *     fresh
   */
  static WeightsComparison of(
      Weights a, Weights b, Optional<Initialisation> start, Progress progress) {
    NetworkChange change = WeightChange.withDefaults().betweenAll(a, b);
    if (change.layers().isEmpty()) {
      return new WeightsComparison(change, Optional.empty(), untold(a), untold(b));
    }
    FilterRandomness plain = FilterRandomness.withDefaults();
    FilterRandomness tests = start.map(plain::assuming).orElseGet(() -> plain.assumingStartOf(a));
    return new WeightsComparison(
        change,
        filters(a, b, change, progress),
        start.map(tests::drawnFrom).orElse(tests).test(a, progress),
        tests.drawnFrom(a).test(b, progress));
  }

  /** Of a network of whose layers the other has none, or not one whose axes are known. */
  private static NetworkRandomness untold(Weights network) {
    return new NetworkRandomness(
        network.provenance(), List.of(), NetworkFilters.of(network).leftOut(), "", "");
  }

  /** What has weights of one shape in both has filters of one size in both. */
  private static Optional<NetworkFilterComparison> filters(
      Weights a, Weights b, NetworkChange change, Progress progress) {
    return change.layers().isEmpty()
        ? Optional.empty()
        : Optional.of(FilterDistance.by(FilterDistance.Proximity.COSINE).compare(a, b, progress));
  }

  /** What chance was simulated with, and how often, if it was. */
  Optional<String> chance() {
    List<NetworkFilterComparison.Layer.Chance> all =
        filters.map(NetworkFilterComparison::layers).orElse(List.of()).stream()
            .flatMap(layer -> layer.chance().stream())
            .toList();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    IntSummaryStatistics draws =
        all.stream().mapToInt(chance -> chance.matching().simulations()).summaryStatistics();
    String kinds =
        all.stream()
            .map(chance -> chance.filters().label())
            .distinct()
            .collect(Collectors.joining(", or "));
    String count =
        draws.getMin() == draws.getMax()
            ? String.valueOf(draws.getMin())
            : draws.getMin() + " to " + draws.getMax();
    return Optional.of(kinds + "; " + count + " draws");
  }

  /** Every figure of the selected layers, those of single filters among them if wanted. */
  List<Row> rows(LayerSelector layers, boolean ofFilters) {
    List<Row> rows = new ArrayList<>();
    change.layers().forEach(layer -> add(rows, "change", layer.rows()));
    filters.ifPresent(compared -> add(rows, "filters", compared.rows()));
    add(rows, "randomness_a", randomnessOfA.rows());
    add(rows, "randomness_b", randomnessOfB.rows());
    addVectors(rows, "bias", change.biases());
    addVectors(rows, "normalisation", change.normalisation());
    addVectors(rows, "array", change.arrays());
    return rows.stream()
        .filter(row -> layers.selects(row.statistic().layer()))
        .filter(row -> ofFilters || row.statistic().filter().isEmpty())
        .toList();
  }

  private static void add(List<Row> rows, String about, List<WeightStatistic> figures) {
    figures.forEach(figure -> rows.add(new Row(about, figure)));
  }

  private static void addVectors(List<Row> rows, String about, List<NetworkChange.Vector> vectors) {
    vectors.forEach(vector -> add(rows, about, vector.rows()));
  }

  /** The names that layers can be chosen by. */
  List<String> names() {
    return rows(LayerSelector.all(), false).stream()
        .map(row -> row.statistic().layer())
        .distinct()
        .toList();
  }

  /** Whether a layer, or a tensor of a layer, is selected. */
  private static boolean isOf(String name, LayerSelector layers) {
    int dot = name.lastIndexOf('.');
    return layers.selects(name) || dot > 0 && layers.selects(name.substring(0, dot));
  }

  /** What was not compared of the selected layers, and why: a sentence for each reason. */
  List<String> unmatched(LayerSelector layers) {
    List<String> sentences = new ArrayList<>();
    tell("Not compared", change.unmatched(), layers, sentences);
    tell(
        "Filters not matched",
        filters.map(NetworkFilterComparison::leftOut).orElse(List.of()),
        layers,
        sentences);
    List<NetworkFilters.LeftOut> random = new ArrayList<>(randomnessOfA.leftOut());
    random.addAll(randomnessOfB.leftOut());
    tell("Randomness not told", random, layers, sentences);
    return sentences;
  }

  private static void tell(
      String what, List<NetworkFilters.LeftOut> all, LayerSelector layers, List<String> sentences) {
    Map<String, Set<String>> byReason = new LinkedHashMap<>();
    all.stream()
        .filter(left -> isOf(left.name(), layers))
        .forEach(
            left ->
                byReason
                    .computeIfAbsent(left.reason(), reason -> new LinkedHashSet<>())
                    .add(left.name()));
    byReason.forEach(
        (reason, names) ->
            sentences.add("%s: %s. %s".formatted(what, String.join(", ", names), reason)));
  }

  /** One figure of a layer, if there is such. */
  static Optional<WeightStatistic> find(
      List<Row> rows, String about, String layer, String statistic) {
    return rows.stream()
        .filter(row -> row.about().equals(about))
        .map(Row::statistic)
        .filter(f -> f.layer().equals(layer) && f.filter().isEmpty())
        .filter(f -> f.statistic().equals(statistic))
        .findFirst();
  }

  /**
   * Figures about weights for other tools.
   *
   * <p>CSV has one line per figure: {@code about, layer, filter, statistic, value, low, high, p,
   * corrected_p, n}; low to high is what chance gives in 95 of 100 cases. JSON has the same under
   * {@code figures}, and the files with their hashes, and what was not compared.
   */
  record Files(WeightsComparison comparison, List<Row> rows, LayerSelector layers) {

    private static final List<String> COLUMNS =
        List.of(
            "about",
            "layer",
            "filter",
            "statistic",
            "value",
            "low",
            "high",
            "p",
            "corrected_p",
            "n");

    void csv(Writer out) throws IOException {
      CsvText csv = CsvText.to(out);
      csv.add(COLUMNS);
      for (Row row : rows) {
        WeightStatistic f = row.statistic();
        csv.add(
            List.of(
                row.about(),
                f.layer(),
                text(f.filter()),
                f.statistic(),
                String.valueOf(f.value()),
                text(f.low()),
                text(f.high()),
                text(f.p()),
                text(f.correctedP()),
                String.valueOf(f.n())));
      }
      csv.flush();
    }

    private static String text(OptionalInt value) {
      return value.isPresent() ? String.valueOf(value.getAsInt()) : "";
    }

    private static String text(OptionalDouble value) {
      return value.isPresent() ? String.valueOf(value.getAsDouble()) : "";
    }

    void json(Writer out) throws IOException {
      JsonGenerator json = new JsonFactory().createGenerator(out).useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("version", Version.current());
      writeNetwork(json, "a", comparison.change().before());
      writeNetwork(json, "b", comparison.change().after());
      json.writeStringField("randomness", comparison.randomnessOfB().setting());
      json.writeArrayFieldStart("unmatched");
      for (String sentence : comparison.unmatched(layers)) {
        json.writeString(sentence);
      }
      json.writeEndArray();
      json.writeArrayFieldStart("figures");
      for (Row row : rows) {
        writeStatistic(json, row);
      }
      json.writeEndArray();
      json.writeEndObject();
      json.flush();
      out.write("\n");
      out.flush();
    }

    private static void writeNetwork(JsonGenerator json, String name, Provenance network)
        throws IOException {
      json.writeObjectFieldStart(name);
      json.writeStringField("file", network.origin());
      json.writeStringField("sha256", network.sha256());
      json.writeEndObject();
    }

    private static void writeStatistic(JsonGenerator json, Row row) throws IOException {
      WeightStatistic statistic = row.statistic();
      json.writeStartObject();
      json.writeStringField("about", row.about());
      json.writeStringField("layer", statistic.layer());
      if (statistic.filter().isPresent()) {
        json.writeNumberField("filter", statistic.filter().getAsInt());
      }
      json.writeStringField("statistic", statistic.statistic());
      json.writeNumberField("value", statistic.value());
      write(json, "low", statistic.low());
      write(json, "high", statistic.high());
      write(json, "p", statistic.p());
      write(json, "corrected_p", statistic.correctedP());
      json.writeNumberField("n", statistic.n());
      json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, OptionalDouble value)
        throws IOException {
      if (value.isPresent()) {
        json.writeNumberField(name, value.getAsDouble());
      }
    }
  }
}
