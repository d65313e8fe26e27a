package org.palimpsest.similarity;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.plugin.Plugins;
import org.palimpsest.core.internal.text.Suggestions;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.cca.Cca;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.geometry.Geometry;
import org.palimpsest.similarity.matching.Matching;
import org.palimpsest.similarity.neighbours.NearestNeighbours;
import org.palimpsest.similarity.output.Predictions;
import org.palimpsest.similarity.regression.Regression;
import org.palimpsest.similarity.rsa.Rsa;
import org.palimpsest.similarity.shape.Shapes;

/**
 * All measures by the names under which the command line knows them.
 *
 * <p>Code that knows which measure it wants has it from the class of its family: {@code
 * Cka.linear()}, {@code Cca.svcca()}, {@code Rsa.of(distance)}; there each has its formula, range,
 * cost and source. A measure made here and one made there with the same settings are equal.
 *
 * <pre>{@code
 * Measure<?> measure = Measures.parse("svcca:0.9"); // what a user has typed
 * List<String> names = Measures.catalogue().stream().map(MeasureEntry::name).toList();
 * }</pre>
 *
 * <p>Measures of plug-ins that are loaded are among them, after those of the library.
 */
public final class Measures {

  private static final double USUAL_BANDWIDTH = 0.5;

  private static final String TOLERANCE = "tolerance";
  private static final String TOLERANCE_PARAMETER =
      "tolerance=R, below which fraction of the largest singular value others count as zero";

  private static final List<MeasureEntry> BUILT_IN =
      Stream.of(
              cka(),
              kernels(),
              cca(),
              shape(),
              regression(),
              rsa(),
              neighbours(),
              matching(),
              geometry(),
              outputs())
          .flatMap(List::stream)
          .toList();

  private Measures() {}

  /**
   * Every measure, in the order in which a reader would want to meet them; at the end those of
   * plug-ins.
   *
   * @throws PalimpsestException if a plug-in cannot be used, or gives a measure a name that another
   *     has
   */
  public static List<MeasureEntry> catalogue() {
    List<MeasureProvider> providers = Plugins.of(MeasureProvider.class);
    return providers.isEmpty() ? BUILT_IN : withThoseOf(providers);
  }

  private static List<MeasureEntry> withThoseOf(List<MeasureProvider> providers) {
    Map<String, MeasureEntry> all = new LinkedHashMap<>();
    BUILT_IN.forEach(entry -> all.put(entry.name(), entry));
    for (MeasureProvider provider : providers) {
      String plugin = provider.getClass().getName();
      for (MeasureEntry entry : Plugins.ask(plugin, () -> List.copyOf(provider.measures()))) {
        if (all.putIfAbsent(entry.name(), entry.ofPlugin(plugin)) != null) {
          throw new PalimpsestException(
              "The plug-in %s gives a measure the name '%s', which another has. Rename it."
                  .formatted(plugin, entry.name()));
        }
      }
    }
    return List.copyOf(all.values());
  }

  /**
   * The measure of this name, with its parameters after a colon: {@code svcca:0.9}. An underscore
   * in place of the colon is understood as well: {@code svcca_0.9}.
   *
   * @throws PalimpsestException if there is none, naming the nearest, or if its parameters cannot
   *     be understood
   */
  public static Measure<?> parse(String text) {
    String wanted = text.strip();
    int colon = wanted.indexOf(':');
    String name = colon < 0 ? wanted : wanted.substring(0, colon);
    List<MeasureEntry> catalogue = catalogue();
    Optional<MeasureEntry> exact =
        catalogue.stream().filter(entry -> entry.name().equals(name)).findFirst();
    if (exact.isPresent()) {
      return exact.get().measure(colon < 0 ? "" : wanted.substring(colon + 1));
    }
    MeasureEntry stem =
        catalogue.stream()
            .filter(entry -> !entry.parameters().isEmpty() && wanted.startsWith(entry.name() + "_"))
            .max(Comparator.comparingInt(entry -> entry.name().length()))
            .orElseThrow(() -> unknown(name, catalogue));
    return stem.measure(wanted.substring(stem.name().length() + 1));
  }

  private static PalimpsestException unknown(String name, List<MeasureEntry> catalogue) {
    List<String> names = catalogue.stream().map(MeasureEntry::name).toList();
    return new PalimpsestException(
        "There is no measure '%s'. The nearest names are: %s."
            .formatted(name, String.join(", ", Suggestions.nearest(name, names))));
  }

  private static List<MeasureEntry> cka() {
    return List.of(
        MeasureEntry.of("linear_cka", Cka::linear),
        MeasureEntry.of("debiased_linear_cka", Cka::debiased),
        MeasureEntry.of(
            "minibatch_cka",
            "B, the number of samples in a batch (256)",
            parameters -> {
              parameters.requireAtMost(1);
              return Cka.minibatch(parameters.whole(0, 256, 4, Integer.MAX_VALUE));
            }));
  }

  private static List<MeasureEntry> kernels() {
    return List.of(
        MeasureEntry.of(
            "rbf_cka",
            "the bandwidth as a fraction of the median distance; %s if not given"
                .formatted(USUAL_BANDWIDTH),
            parameters -> {
              parameters.requireAtMost(1);
              return Cka.rbf(parameters.number(0, USUAL_BANDWIDTH, Double.MIN_NORMAL, 1e6));
            }),
        MeasureEntry.of("distance_correlation", Cka::distanceCorrelation));
  }

  private static List<MeasureEntry> cca() {
    return List.of(
        toRank("cca_mean", Cca::mean, Cca::mean),
        toRank("cca_mean_squared", Cca::meanSquared, Cca::meanSquared),
        MeasureEntry.of(
            "svcca",
            "T, the fraction of the variance to keep (0.99); or plain=T, the fraction of the sum of singular values; or k=K, a number of components",
            Measures::svcca),
        MeasureEntry.of(
            "pwcca", "x or y, the layer that weighs (x); " + TOLERANCE_PARAMETER, Measures::pwcca),
        toRank("eigenspace_overlap", Cca::eigenspaceOverlap, Cca::eigenspaceOverlap));
  }

  private static Measure<?> svcca(MeasureParameters parameters) {
    parameters.requireAtMost(1, "plain", "k");
    int given =
        (parameters.word(0, "").isEmpty() ? 0 : 1)
            + (parameters.has("plain") ? 1 : 0)
            + (parameters.has("k") ? 1 : 0);
    if (given > 1) {
      throw parameters.refuse("only one of the three can be given");
    }
    if (parameters.has("k")) {
      return Cca.svcca(Cca.Truncation.ofCount(parameters.whole("k", 1, 1, Integer.MAX_VALUE)));
    }
    if (parameters.has("plain")) {
      return Cca.svcca(
          Cca.Truncation.ofSingularValues(parameters.number("plain", 1, Double.MIN_VALUE, 1)));
    }
    return Cca.svcca(Cca.Truncation.ofVariance(parameters.number(0, 0.99, Double.MIN_VALUE, 1)));
  }

  private static Measure<?> pwcca(MeasureParameters parameters) {
    OptionalDouble tolerance = tolerance(parameters, 1);
    Cca.Side side =
        switch (parameters.word(0, "x")) {
          case "x" -> Cca.Side.X;
          case "y" -> Cca.Side.Y;
          default -> throw parameters.refuse("'%s' is no side".formatted(parameters.word(0, "")));
        };
    return tolerance.isPresent() ? Cca.pwcca(side, tolerance.getAsDouble()) : Cca.pwcca(side);
  }

  private static List<MeasureEntry> shape() {
    return List.of(
        MeasureEntry.of("procrustes_normalized", Shapes::procrustesNormalized),
        MeasureEntry.of("procrustes_angular", Shapes::procrustesAngular),
        MeasureEntry.of("procrustes_size_and_shape", Shapes::procrustesSizeAndShape),
        MeasureEntry.of(
            "shape",
            "alpha, from 0 (whitened: CCA) to 1 (as it is: Procrustes) (0.5); "
                + TOLERANCE_PARAMETER,
            Measures::shape),
        MeasureEntry.of("aligned_cosine", Shapes::alignedCosine));
  }

  private static Measure<?> shape(MeasureParameters parameters) {
    OptionalDouble tolerance = tolerance(parameters, 1);
    double alpha = parameters.number(0, 0.5, 0, 1);
    return tolerance.isPresent()
        ? Shapes.shape(alpha, tolerance.getAsDouble())
        : Shapes.shape(alpha);
  }

  private static List<MeasureEntry> regression() {
    return List.of(
        toRank("linear_regression_x_from_y", Regression::xFromY, Regression::xFromY),
        toRank("linear_regression_y_from_x", Regression::yFromX, Regression::yFromX),
        MeasureEntry.of(
            "gulp",
            "L, the ridge, above 0 (0.01)",
            parameters -> {
              parameters.requireAtMost(1);
              return Regression.gulp(
                  parameters.number(0, 0.01, Double.MIN_VALUE, Double.MAX_VALUE));
            }));
  }

  private static List<MeasureEntry> rsa() {
    return List.of(
        MeasureEntry.of(
            "rsa",
            "DISTANCE:COMPARISON, %s and %s; correlation:spearman if not given"
                .formatted(
                    alternatives(Rsa.Distance.values(), Rsa.Distance::label),
                    alternatives(Rsa.Comparison.values(), Rsa.Comparison::label)),
            Measures::rsa),
        MeasureEntry.of(
            "rsm_norm_difference",
            "euclidean",
            parameters -> {
              parameters.requireAtMost(1);
              String distance = parameters.word(0, "euclidean");
              if (!distance.equals("euclidean")) {
                throw parameters.refuse("'%s' is no distance it knows".formatted(distance));
              }
              return Rsa.normDifference();
            }));
  }

  private static Measure<?> rsa(MeasureParameters parameters) {
    parameters.requireAtMost(2);
    String text = parameters.word(0, "");
    String second = parameters.word(1, "");
    if (text.isEmpty()) {
      return Rsa.withDefaults();
    }
    String both = second.isEmpty() ? text : text + ":" + second;
    String wanted = both.replace('_', ':');
    for (Rsa.Distance distance : Rsa.Distance.values()) {
      for (Rsa.Comparison comparison : Rsa.Comparison.values()) {
        String name = (distance.label() + ":" + comparison.label()).replace('_', ':');
        if (wanted.equals(name)) {
          return Rsa.of(distance, comparison);
        }
      }
      if (wanted.equals(distance.label().replace('_', ':'))) {
        return Rsa.of(distance);
      }
    }
    throw parameters.refuse("'%s' is no distance and comparison".formatted(both));
  }

  private static List<MeasureEntry> neighbours() {
    return List.of(
        ofNeighbours("jaccard", NearestNeighbours::jaccard),
        ofNeighbours("mutual_knn", NearestNeighbours::mutual),
        ofNeighbours("rank_similarity", NearestNeighbours::rankSimilarity),
        MeasureEntry.of(
            "second_order_cosine",
            "K, the number of neighbours; %s if not given".formatted(Neighbourhood.USUAL.k()),
            parameters -> {
              Neighbourhood choice = Neighbourhood.of(parameters);
              if (choice.metric() != NearestNeighbours.Metric.COSINE) {
                throw parameters.refuse("its similarities are cosines");
              }
              return NearestNeighbours.secondOrderCosine(choice.k());
            }));
  }

  private static MeasureEntry ofNeighbours(
      String name, BiFunction<Integer, NearestNeighbours.Metric, Measure<?>> factory) {
    return MeasureEntry.of(
        name,
        "K:METRIC, the number of neighbours and cosine|euclidean; %s:cosine if not given"
            .formatted(Neighbourhood.USUAL.k()),
        parameters -> {
          Neighbourhood choice = Neighbourhood.of(parameters);
          return factory.apply(choice.k(), choice.metric());
        });
  }

  /** A number and a metric, each at most once, in any order: {@code k10_cosine}. */
  private record Neighbourhood(int k, NearestNeighbours.Metric metric) {

    private static final int MOST = Integer.MAX_VALUE - 1;

    static final Neighbourhood USUAL = new Neighbourhood(10, NearestNeighbours.Metric.COSINE);

    static Neighbourhood of(MeasureParameters parameters) {
      parameters.requireAtMost(2, "k");
      Optional<Integer> k =
          parameters.has("k")
              ? Optional.of(parameters.whole("k", USUAL.k, 1, MOST))
              : Optional.empty();
      Optional<NearestNeighbours.Metric> metric = Optional.empty();
      for (String word : words(parameters)) {
        Optional<NearestNeighbours.Metric> named = metric(word);
        if (named.isPresent()) {
          requireFirst(metric, word, parameters);
          metric = named;
        } else {
          int count = count(word, parameters);
          requireFirst(k, word, parameters);
          k = Optional.of(count);
        }
      }
      return new Neighbourhood(k.orElse(USUAL.k), metric.orElse(USUAL.metric));
    }

    private static List<String> words(MeasureParameters parameters) {
      return Stream.of(parameters.word(0, ""), parameters.word(1, ""))
          .flatMap(text -> Arrays.stream(text.split("[:_]")))
          .filter(word -> !word.isEmpty())
          .toList();
    }

    private static Optional<NearestNeighbours.Metric> metric(String word) {
      return Arrays.stream(NearestNeighbours.Metric.values())
          .filter(known -> word.equals(known.label()))
          .findFirst();
    }

    private static void requireFirst(
        Optional<?> before, String word, MeasureParameters parameters) {
      if (before.isPresent()) {
        throw parameters.refuse("'%s' is one value too many".formatted(word));
      }
    }

    private static int count(String word, MeasureParameters parameters) {
      String digits = word.startsWith("k") ? word.substring(1) : word;
      try {
        int count = Integer.parseInt(digits);
        if (count < 1 || count > MOST) {
          throw parameters.refuse(
              "%s neighbours are too %s".formatted(count, count < 1 ? "few" : "many"));
        }
        return count;
      } catch (NumberFormatException notANumber) {
        throw parameters.refuse("'%s' is neither a number nor a metric".formatted(word));
      }
    }
  }

  private static List<MeasureEntry> matching() {
    return List.of(
        MeasureEntry.of("hard_correlation_match", Matching::hardCorrelation),
        MeasureEntry.of("soft_correlation_match", Matching::softCorrelation),
        MeasureEntry.of("permutation_procrustes", Matching::permutationProcrustes));
  }

  private static List<MeasureEntry> geometry() {
    return List.of(
        MeasureEntry.of("magnitude_difference", Geometry::magnitudeDifference),
        MeasureEntry.of("uniformity_difference", Geometry::uniformityDifference),
        MeasureEntry.of("concentricity_difference", Geometry::concentricityDifference));
  }

  private static List<MeasureEntry> outputs() {
    return List.of(
        ofOutputs("prediction_dice", Predictions::dice),
        ofOutputs("disagreement", Predictions::disagreement),
        ofOutputs("jensen_shannon", Predictions::jensenShannon));
  }

  private static MeasureEntry ofOutputs(
      String name, Function<Predictions.Scale, Measure<?>> factory) {
    return MeasureEntry.of(
        name,
        "logits|probabilities; logits if not given",
        parameters -> {
          parameters.requireAtMost(1);
          String wanted = parameters.word(0, Predictions.Scale.LOGITS.label());
          return Arrays.stream(Predictions.Scale.values())
              .filter(scale -> wanted.equals(scale.label()))
              .findFirst()
              .<Measure<?>>map(factory)
              .orElseThrow(() -> parameters.refuse("'%s' is neither".formatted(wanted)));
        });
  }

  /** A measure that depends on the ranks of layers, with a tolerance as its only parameter. */
  private static MeasureEntry toRank(
      String name, Supplier<Measure<?>> usual, DoubleFunction<Measure<?>> withTolerance) {
    return MeasureEntry.of(
        name,
        TOLERANCE_PARAMETER,
        parameters -> {
          OptionalDouble tolerance = tolerance(parameters, 0);
          return tolerance.isPresent() ? withTolerance.apply(tolerance.getAsDouble()) : usual.get();
        });
  }

  /** From {@code tolerance=R} among the parameters, which may hold nothing else by name. */
  private static OptionalDouble tolerance(MeasureParameters parameters, int places) {
    parameters.requireAtMost(places, TOLERANCE);
    return parameters.has(TOLERANCE)
        ? OptionalDouble.of(parameters.number(TOLERANCE, 0, 0, 1))
        : OptionalDouble.empty();
  }

  private static <E> String alternatives(E[] values, Function<E, String> label) {
    return Arrays.stream(values).map(label).collect(Collectors.joining("|"));
  }
}
