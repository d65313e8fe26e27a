package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.similarity.weights.NetworkFilters.LeftOut;

/**
 * Compares the weights of two checkpoints of one architecture, layer by layer and filter by filter.
 *
 * <p>Immutable: each {@code with…} gives a changed copy. Cost: one pass over the weights, with two
 * layers in memory at a time.
 *
 * <pre>{@code
 * NetworkChange change = WeightChange.withDefaults().between(before, after);
 * change.layers().forEach(layer -> System.out.println(layer));
 * }</pre>
 *
 * <p>All distances are Euclidean and in the unit of the weights. Of a layer and of each filter
 * there are |b − a|, |b − a| / |a|, the mean of |bᵢ − aᵢ|, the share of weights whose sign changed,
 * the share that moved further than the threshold, and both norms; of a filter also the cosine and
 * the angle, by 2 atan2(|u − v|, |u + v|), which is exact for small angles too.
 */
public final class WeightChange {

  private final double threshold;
  private final boolean relative;

  private WeightChange(double threshold, boolean relative) {
    if (!(threshold >= 0) || Double.isInfinite(threshold)) {
      throw new PalimpsestException(
          "The threshold of a moved weight is %s; it must be zero or a positive number."
              .formatted(threshold));
    }
    this.threshold = threshold;
    this.relative = relative;
  }

  /** A weight counts as moved if it went by more than one initial standard deviation. */
  public static WeightChange withDefaults() {
    return new WeightChange(1, true);
  }

  /**
   * A weight counts as moved if it went by more than so many standard deviations of its layer's
   * weights before (divisor N − 1; 0 for a constant layer, where any change counts).
   */
  public WeightChange withRelativeThreshold(double standardDeviations) {
    return new WeightChange(standardDeviations, true);
  }

  /**
   * A weight counts as moved if it went by more than so much.
   *
   * @param distance in the unit of the weights, from 0
   * @throws PalimpsestException if it is negative, infinite or not a number
   */
  public WeightChange withAbsoluteThreshold(double distance) {
    return new WeightChange(distance, false);
  }

  /**
   * Compares two checkpoints. Layers are paired by name; a name that only one of them has, or that
   * has another shape in the other, is listed in the result and nothing is made of it.
   *
   * @throws PalimpsestException if they share no layer, or a weight is not finite
   */
  public NetworkChange between(Weights before, Weights after) {
    return between(NetworkFilters.of(before), NetworkFilters.of(after));
  }

  /**
   * The same for networks whose tensors are sorted already.
   *
   * @throws PalimpsestException if one has no layer, they share none, or a weight is not finite
   */
  public NetworkChange between(NetworkFilters before, NetworkFilters after) {
    before.requireLayers();
    after.requireLayers();
    PairedLayers pairing = PairedLayers.of(before, after);
    pairing.requireLayers(before, after);
    return between(before, after, pairing);
  }

  /**
   * As {@link #between(Weights, Weights)}, also of files that do not tell the axes of any array,
   * such as the weights of Keras without their network: of these only the arrays are compared.
   *
   * @throws PalimpsestException if they share neither a layer nor an array, or a weight is not
   *     finite
   */
  public NetworkChange betweenAll(Weights before, Weights after) {
    NetworkFilters first = NetworkFilters.of(before);
    NetworkFilters second = NetworkFilters.of(after);
    boolean arraysAlone =
        first.layouts().isEmpty()
            && second.layouts().isEmpty()
            && !first.arrays().isEmpty()
            && !second.arrays().isEmpty();
    if (!arraysAlone) {
      return between(first, second);
    }
    PairedLayers pairing = PairedLayers.of(first, second);
    if (pairing.arrays().isEmpty()) {
      throw new PalimpsestException(
          "%s and %s have no array of one name and shape (%s and %s). Weights can only be compared within one architecture."
              .formatted(
                  first.network(),
                  second.network(),
                  PairedLayers.some(first.arrays().stream().map(WeightTensor::name).toList()),
                  PairedLayers.some(second.arrays().stream().map(WeightTensor::name).toList())));
    }
    return between(first, second, pairing);
  }

  private NetworkChange between(NetworkFilters before, NetworkFilters after, PairedLayers pairing) {
    List<NetworkChange.Layer> layers = new ArrayList<>();
    for (String layer : pairing.layers()) {
      layers.add(between(before.bank(layer), after.bank(layer)));
    }
    return new NetworkChange(
        before.provenance(),
        after.provenance(),
        layers,
        pairing.biases().stream().map(pair -> change(pair, before, after)).toList(),
        pairing.normalisation().stream().map(pair -> change(pair, before, after)).toList(),
        pairing.arrays().stream().map(pair -> change(pair, before, after)).toList(),
        pairing.unmatched());
  }

  /**
   * Compares one layer's filters, paired by their index.
   *
   * @throws PalimpsestException if the shapes differ
   */
  public NetworkChange.Layer between(FilterBank before, FilterBank after) {
    if (before.filters() != after.filters()
        || before.weightsPerFilter() != after.weightsPerFilter()) {
      throw new PalimpsestException(
          "%s cannot be compared weight by weight with %s: the shapes differ."
              .formatted(before, after));
    }
    double[] a = before.toArray();
    double[] b = after.toArray();
    double limit = relative ? threshold * standardDeviation(a) : threshold;
    Difference whole = Difference.between(a, b, 0, a.length, limit);
    int d = before.weightsPerFilter();
    List<NetworkChange.Filter> filters =
        IntStream.range(0, before.filters())
            .mapToObj(i -> filterChange(a, b, i, d, limit))
            .toList();
    return new NetworkChange.Layer(
        before.layout(),
        whole.distance(),
        whole.relativeChange(),
        whole.meanAbsoluteChange(),
        whole.signFlipShare(),
        limit,
        whole.movedShare(),
        whole.normBefore(),
        whole.normAfter(),
        filters);
  }

  private static NetworkChange.Filter filterChange(
      double[] a, double[] b, int index, int d, double limit) {
    int from = index * d;
    Difference sums = Difference.between(a, b, from, from + d, limit);
    boolean angle = sums.hasAngle();
    return new NetworkChange.Filter(
        index,
        sums.distance(),
        sums.relativeChange(),
        angle ? OptionalDouble.of(sums.cosine()) : OptionalDouble.empty(),
        angle
            ? OptionalDouble.of(
                Angle.between(a, sums.normBefore(), b, sums.normAfter(), from, from + d))
            : OptionalDouble.empty(),
        sums.meanAbsoluteChange(),
        sums.signFlipShare(),
        sums.movedShare(),
        sums.normBefore(),
        sums.normAfter());
  }

  private static NetworkChange.Vector change(
      PairedLayers.TensorPair pair, NetworkFilters before, NetworkFilters after) {
    double[] a = finite(before, pair.name(), pair.before());
    double[] b = finite(after, pair.name(), pair.after());
    Difference sums = Difference.between(a, b, 0, a.length, 0);
    return new NetworkChange.Vector(
        pair.name(),
        a.length,
        sums.distance(),
        sums.relativeChange(),
        sums.meanAbsoluteChange(),
        sums.normBefore(),
        sums.normAfter());
  }

  private static double[] finite(NetworkFilters network, String name, INDArray tensor) {
    double[] values = new double[Math.toIntExact(tensor.length())];
    TensorReader.of(tensor).read(0, values);
    OptionalInt bad =
        IntStream.range(0, values.length).filter(i -> !Double.isFinite(values[i])).findFirst();
    if (bad.isPresent()) {
      throw new PalimpsestException(
          "%s: '%s' holds %s (value %s of %s). Training diverged or the file is damaged: use another checkpoint."
              .formatted(
                  network.provenance().origin(),
                  name,
                  values[bad.getAsInt()],
                  bad.getAsInt(),
                  values.length));
    }
    return values;
  }

  private static double standardDeviation(double[] values) {
    if (values.length < 2) {
      return 0;
    }
    int exponent = Difference.exponent(values, values, 0, values.length);
    double mean = 0;
    for (double value : values) {
      mean += Math.scalb(value, -exponent) / values.length;
    }
    double squares = 0;
    for (double value : values) {
      double deviation = Math.scalb(value, -exponent) - mean;
      squares += deviation * deviation;
    }
    return Math.scalb(Math.sqrt(squares / (values.length - 1)), exponent);
  }

  /** The angle between two vectors, exact for small angles too. */
  private static final class Angle {

    private Angle() {}

    /**
     * 2 atan2(|u − v|, |u + v|) of the unit vectors u and v (Kahan, <i>How futile are mindless
     * assessments of roundoff</i>, 2006, §12): arccos of the cosine would lose half of the digits.
     */
    static double between(double[] a, double normA, double[] b, double normB, int from, int to) {
      double difference = 0;
      double sum = 0;
      for (int i = from; i < to; i++) {
        double u = a[i] / normA;
        double v = b[i] / normB;
        difference += (u - v) * (u - v);
        sum += (u + v) * (u + v);
      }
      return 2 * Math.atan2(Math.sqrt(difference), Math.sqrt(sum));
    }
  }

  /**
   * Sums over the weights of a stretch of two equally long arrays, of weights divided by a power of
   * two, so that squares have room whatever the unit.
   */
  private static final class Difference {

    private final int exponent;
    private final long count;
    private double squaredDistance;
    private double squaredBefore;
    private double squaredAfter;
    private double product;
    private double absoluteChange;
    private long signFlips;
    private long moved;

    private Difference(int exponent, long count) {
      this.exponent = exponent;
      this.count = count;
    }

    static Difference between(double[] before, double[] after, int from, int to, double threshold) {
      Difference sums = new Difference(exponent(before, after, from, to), (long) to - from);
      for (int i = from; i < to; i++) {
        sums.add(before[i], after[i], threshold);
      }
      return sums;
    }

    /** That of the largest weight. */
    private static int exponent(double[] before, double[] after, int from, int to) {
      double largest = 0;
      for (int i = from; i < to; i++) {
        largest = Math.max(largest, Math.max(Math.abs(before[i]), Math.abs(after[i])));
      }
      return largest == 0 ? 0 : Math.getExponent(largest);
    }

    private void add(double before, double after, double threshold) {
      double a = Math.scalb(before, -exponent);
      double b = Math.scalb(after, -exponent);
      double change = b - a;
      squaredDistance += change * change;
      squaredBefore += a * a;
      squaredAfter += b * b;
      product += a * b;
      absoluteChange += Math.abs(change);
      signFlips += (before < 0 && after > 0) || (before > 0 && after < 0) ? 1 : 0;
      moved += Math.abs(after - before) > threshold ? 1 : 0;
    }

    double distance() {
      return inUnit(Math.sqrt(squaredDistance));
    }

    double normBefore() {
      return inUnit(Math.sqrt(squaredBefore));
    }

    double normAfter() {
      return inUnit(Math.sqrt(squaredAfter));
    }

    private double inUnit(double scaled) {
      double value = Math.scalb(scaled, exponent);
      if (Double.isInfinite(value)) {
        throw new PalimpsestException(
            "The norm of %s weights of about 2^%s is more than a number holds. Training diverged or the file is damaged: use another checkpoint."
                .formatted(count, exponent));
      }
      return value;
    }

    OptionalDouble relativeChange() {
      if (squaredDistance == 0) {
        return OptionalDouble.of(0);
      }
      double change = Math.sqrt(squaredDistance) / Math.sqrt(squaredBefore);
      return Double.isFinite(change) ? OptionalDouble.of(change) : OptionalDouble.empty();
    }

    boolean hasAngle() {
      return squaredBefore > 0 && squaredAfter > 0;
    }

    double cosine() {
      double norms = Math.sqrt(squaredBefore) * Math.sqrt(squaredAfter);
      return Math.max(-1, Math.min(1, product / norms));
    }

    double meanAbsoluteChange() {
      return inUnit(absoluteChange / count);
    }

    double signFlipShare() {
      return (double) signFlips / count;
    }

    double movedShare() {
      return (double) moved / count;
    }
  }

  /** Which layers and tensors of two networks have one name and one shape. */
  private record PairedLayers(
      List<String> layers,
      List<TensorPair> biases,
      List<TensorPair> normalisation,
      List<TensorPair> arrays,
      List<LeftOut> unmatched) {

    private static final String DIFFERENT_SHAPES = "The shapes differ: ";

    record TensorPair(String name, INDArray before, INDArray after) {}

    static PairedLayers of(NetworkFilters before, NetworkFilters after) {
      List<LeftOut> unmatched = new ArrayList<>();
      List<String> layers = layers(before, after, unmatched);
      List<TensorPair> biases = new ArrayList<>();
      List<TensorPair> normalisation = new ArrayList<>();
      Set<String> scalesOfBefore = names(before.normalisation());
      Set<String> scalesOfAfter = names(after.normalisation());
      for (TensorPair pair : pairs(before, vectors(before), after, vectors(after), unmatched)) {
        boolean scale = scalesOfBefore.contains(pair.name) && scalesOfAfter.contains(pair.name);
        (scale ? normalisation : biases).add(pair);
      }
      List<TensorPair> arrays = pairs(before, before.arrays(), after, after.arrays(), unmatched);
      addLeftOut(before, unmatched);
      addLeftOut(after, unmatched);
      return new PairedLayers(layers, biases, normalisation, arrays, unmatched);
    }

    /**
     * What is a bias in one file may look like a scale in the other, which lacks the weight beside.
     */
    private static List<WeightTensor> vectors(NetworkFilters network) {
      return Stream.of(network.biases(), network.normalisation()).flatMap(List::stream).toList();
    }

    private static Set<String> names(List<WeightTensor> tensors) {
      return tensors.stream().map(WeightTensor::name).collect(Collectors.toSet());
    }

    /** Arrays were compared, or it is told why not. */
    private static void addLeftOut(NetworkFilters network, List<LeftOut> unmatched) {
      Set<String> arrays = names(network.arrays());
      network.leftOut().stream()
          .filter(one -> !arrays.contains(one.name()) && !unmatched.contains(one))
          .forEach(unmatched::add);
    }

    void requireLayers(NetworkFilters before, NetworkFilters after) {
      if (layers.isEmpty()) {
        throw new PalimpsestException(
            "%s and %s have no layer of one name and shape (%s and %s).%s Weights can only be compared within one architecture."
                .formatted(
                    before.network(),
                    after.network(),
                    names(before),
                    names(after),
                    firstReason(unmatched)));
      }
    }

    private static List<String> layers(
        NetworkFilters before, NetworkFilters after, List<LeftOut> unmatched) {
      List<String> layers = new ArrayList<>();
      for (FilterBank.Layout layout : before.layouts()) {
        Optional<FilterBank.Layout> other = after.layout(layout.layer());
        Optional<String> otherUnit = before.otherUnit(layout.layer(), after);
        if (other.isEmpty()) {
          unmatched.add(missing(layout.layer(), before, after));
        } else if (otherUnit.isPresent()) {
          unmatched.add(new LeftOut(layout.layer(), otherUnit.get()));
        } else if (sameShape(layout, other.get())) {
          layers.add(layout.layer());
        } else {
          unmatched.add(otherShape(layout.layer(), describe(layout), describe(other.get())));
        }
      }
      after.layouts().stream()
          .filter(layout -> before.layout(layout.layer()).isEmpty())
          .forEach(layout -> unmatched.add(missing(layout.layer(), after, before)));
      return layers;
    }

    private static List<TensorPair> pairs(
        NetworkFilters before,
        List<WeightTensor> ofBefore,
        NetworkFilters after,
        List<WeightTensor> ofAfter,
        List<LeftOut> unmatched) {
      Map<String, WeightTensor> others = new LinkedHashMap<>();
      ofAfter.forEach(tensor -> others.put(tensor.name(), tensor));
      List<TensorPair> pairs = new ArrayList<>();
      for (WeightTensor tensor : ofBefore) {
        WeightTensor other = others.remove(tensor.name());
        Optional<LeftOut> reason =
            other == null
                ? Optional.of(missing(tensor.name(), before, after))
                : incomparable(before.network(), tensor, after.network(), other);
        if (other == null || reason.isPresent()) {
          reason.ifPresent(unmatched::add);
        } else {
          pairs.add(new TensorPair(tensor.name(), tensor.values(), other.values()));
        }
      }
      others.keySet().forEach(name -> unmatched.add(missing(name, after, before)));
      return pairs;
    }

    private static Optional<LeftOut> incomparable(
        String before, WeightTensor a, String after, WeightTensor b) {
      long[] shape = a.values().shape();
      long[] other = b.values().shape();
      return Arrays.equals(shape, other)
          ? NetworkFilters.otherUnit(before, a, after, b).map(why -> new LeftOut(a.name(), why))
          : Optional.of(otherShape(a.name(), Arrays.toString(shape), Arrays.toString(other)));
    }

    private static boolean sameShape(FilterBank.Layout a, FilterBank.Layout b) {
      return a.kind() == b.kind()
          && a.filters() == b.filters()
          && a.inputChannels() == b.inputChannels()
          && a.kernel().equals(b.kernel());
    }

    private static String describe(FilterBank.Layout layout) {
      return "%s of %s filters, %s input channels, kernel %s"
          .formatted(layout.kind(), layout.filters(), layout.inputChannels(), layout.kernel());
    }

    private static LeftOut missing(String name, NetworkFilters from, NetworkFilters in) {
      return new LeftOut(
          name,
          in.leavesOut(name)
              ? "%s has it, but there it is left out.".formatted(in.network())
              : "Read from %s alone.".formatted(from.network()));
    }

    private static String firstReason(List<LeftOut> unmatched) {
      return unmatched.stream()
          .filter(
              one ->
                  one.reason().startsWith(DIFFERENT_SHAPES)
                      || one.reason().startsWith(NetworkFilters.OTHER_UNIT))
          .findFirst()
          .map(one -> " '%s': %s".formatted(one.name(), one.reason()))
          .orElse("");
    }

    private static LeftOut otherShape(String name, String before, String after) {
      return new LeftOut(name, DIFFERENT_SHAPES + "%s and %s.".formatted(before, after));
    }

    private static String names(NetworkFilters network) {
      return some(network.layouts().stream().map(FilterBank.Layout::layer).toList());
    }

    static String some(List<String> all) {
      List<String> names = all.stream().limit(3).toList();
      return String.join(", ", names) + (all.size() > names.size() ? ", …" : "");
    }
  }
}
