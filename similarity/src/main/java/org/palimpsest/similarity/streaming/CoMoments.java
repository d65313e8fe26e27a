package org.palimpsest.similarity.streaming;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.LinearComputation;
import org.palimpsest.similarity.internal.linalg.Products;
import org.palimpsest.similarity.internal.measure.DelegatingMeasure;
import org.palimpsest.similarity.streaming.CrossMoments.StreamedPair;

/**
 * What linear measures need of the layers of two networks, gathered batch by batch in one pass.
 *
 * <p>Sums are counted about a provisional mean, that of the first batch, so that large means do no
 * harm. Moments of different samples merge in any order, so shards and machines add up. Memory
 * depends on the layers' widths, not on the number of samples: for p and q features {@code 8 (p² +
 * q² + pq)} bytes for a pair, one batch, and one pair's products for each core.
 *
 * <p>From them come, in one pass, linear and debiased CKA, CCA, SVCCA, PWCCA, Procrustes and shape
 * distances, R² and GULP. Not safe for use by several threads at once; give each its own and merge.
 */
public final class CoMoments implements StreamedLayers {

  private record Streaming(Precision precision) implements StreamedLayers.Kind {

    @Override
    public void requireEnoughFor(Measure<?> measure) {
      linear(measure);
    }

    @Override
    public boolean readsFeaturesFirst() {
      return precision == Precision.FLOAT64;
    }

    @Override
    public StreamedLayers begin() {
      return of(Pairs.ALL, precision);
    }

    @Override
    public StreamedLayers read(InputStream in) throws IOException {
      return CoMoments.read(in);
    }
  }

  /** What is computed of more rows than these is kept of so many at a time. */
  private static final int ROWS_AT_ONCE = 1 << 13;

  private final Pairs pairs;
  private final Precision precision;
  private final ShiftedBatch.Memory memoryOfA = new ShiftedBatch.Memory();
  private final ShiftedBatch.Memory memoryOfB = new ShiftedBatch.Memory();
  private List<LayerMoments> layersOfA = List.of();
  private List<LayerMoments> layersOfB = List.of();
  private List<List<CrossMoments>> crosses = List.of();
  private boolean isMirrored = true;

  /** Layers that came in float32, which decides how small a component is rounding. */
  private final BitSet singlesOfA = new BitSet();

  private final BitSet singlesOfB = new BitSet();

  /** Decomposed once for all pairs that ask for a score; new samples make them void. */
  private final Map<Integer, StreamedPair.Layer> sidesOfA = new HashMap<>();

  private final Map<Integer, StreamedPair.Layer> sidesOfB = new HashMap<>();

  private CoMoments(Pairs pairs, Precision precision) {
    this.pairs = pairs;
    this.precision = precision;
  }

  /** Of no samples yet; products in float64. */
  public static CoMoments of(Pairs pairs) {
    return new CoMoments(pairs, Precision.FLOAT64);
  }

  /** Of no samples yet. */
  public static CoMoments of(Pairs pairs, Precision precision) {
    return new CoMoments(pairs, precision);
  }

  /** For {@link Comparison#stream}: each layer with each, products in float64. */
  public static StreamedLayers.Kind streaming() {
    return streaming(Precision.FLOAT64);
  }

  /** For {@link Comparison#stream}: each layer with each. */
  public static StreamedLayers.Kind streaming(Precision precision) {
    return new Streaming(precision);
  }

  /**
   * For {@link Comparison#stream}: sums over images of their moments, which {@code
   * debiased_linear_cka} needs of layers whose positions are the samples. The estimator is that of
   * layers in memory: no product of two rows of one image counts. Sums of different images merge in
   * any order; no other measure reads them.
   *
   * <p>Memory: for p and q features of a pair {@code 16 p q} bytes, and for each layer {@code 16
   * p²}. Cost: that of X'Y of each pair, and of X'X of each layer.
   *
   * <pre>{@code
   * ComparisonResult result =
   *     Comparison.by(Cka.debiased())
   *         .stream(a, b, probes, LayerSelector.all(), CoMoments.ofImages());
   * }</pre>
   */
  public static StreamedLayers.Kind ofImages() {
    return ImageMoments.streaming();
  }

  static CoMoments restored(
      Pairs pairs,
      Precision precision,
      GatheredMoments state,
      BitSet singlesOfA,
      BitSet singlesOfB) {
    CoMoments restored = new CoMoments(pairs, precision);
    restored.accept(state);
    restored.singlesOfA.or(singlesOfA);
    restored.singlesOfB.or(singlesOfB);
    return restored;
  }

  /** Which of the first network's layers came in float32. */
  BitSet singlesOfA() {
    return singlesOfA;
  }

  /** Which of the second network's layers came in float32. */
  BitSet singlesOfB() {
    return singlesOfB;
  }

  /** Whole: batches fill but the upper triangle of what is symmetric. */
  GatheredMoments state() {
    if (!isMirrored) {
      layersOfA.forEach(layer -> Products.mirrored(layer.moments().gram()));
      layersOfB.forEach(layer -> Products.mirrored(layer.moments().gram()));
      isMirrored = true;
    }
    return new GatheredMoments(layersOfA, layersOfB, crosses);
  }

  private void accept(GatheredMoments state) {
    layersOfA = state.layersOfA();
    layersOfB = state.layersOfB();
    crosses = state.crosses();
    sidesOfA.clear();
    sidesOfB.clear();
  }

  /** Which pairs of layers are gathered. */
  public Pairs pairs() {
    return pairs;
  }

  /** The type in which products are computed. */
  public Precision precision() {
    return precision;
  }

  /** The layers of the first network, with the number of samples so far. */
  public List<Representation.Info> layersOfA() {
    return layersOfA.stream().map(LayerMoments::info).toList();
  }

  /** The layers of the second network, with the number of samples so far. */
  public List<Representation.Info> layersOfB() {
    return layersOfB.stream().map(LayerMoments::info).toList();
  }

  /**
   * Adds one batch of samples. If it is refused, nothing changes.
   *
   * @param a the first network's layers, the same in the same order each time
   * @param b the second's; row i of both comes from the same sample
   * @throws PalimpsestException if layers or numbers of samples do not fit
   */
  @Override
  public void add(List<Representation> a, List<Representation> b) {
    requireFitting(infos(a), infos(b));
    List<LayerMoments> ofA = layers(layersOfA, a);
    List<LayerMoments> ofB = layers(layersOfB, b);
    boolean surely = haveSurelyRoom(ofA, a) && haveSurelyRoom(ofB, b);
    BatchMoments.Sums known = new BatchMoments.Sums(sums(ofA), sums(ofB), begun(a, b));
    BatchMoments.Sums sums =
        surely && isStacked(a) && isStacked(b)
            ? StackedBatch.of(matrices(a), origins(ofA), matrices(b), origins(ofB)).addTo(known)
            : withBatches(known, ofA, inOrder(a), ofB, inOrder(b), surely);
    accept(new GatheredMoments(with(sums.ofA(), ofA, a), with(sums.ofB(), ofB, b), sums.crosses()));
    recordSingles(singlesOfA, a);
    recordSingles(singlesOfB, b);
    isMirrored = false;
  }

  private boolean isStacked(List<Representation> layers) {
    return pairs == Pairs.ALL
        && precision == Precision.FLOAT64
        && StackedBatch.takes(matrices(layers));
  }

  private static List<INDArray> matrices(List<Representation> layers) {
    return layers.stream().map(Representation::matrix).toList();
  }

  private static List<Origin> origins(List<LayerMoments> layers) {
    return layers.stream().map(LayerMoments::origin).toList();
  }

  /** With a copy, samples first, of each matrix that lies otherwise. */
  private static List<Representation> inOrder(List<Representation> layers) {
    return layers.stream()
        .map(
            layer ->
                TensorReader.liesInOrder(layer.matrix())
                    ? layer
                    : new Representation(layer.info(), layer.matrix().dup('c')))
        .toList();
  }

  /**
   * @param surely whether nothing will be refused; else it is all rows at once, or none
   */
  private BatchMoments.Sums withBatches(
      BatchMoments.Sums known,
      List<LayerMoments> ofA,
      List<Representation> a,
      List<LayerMoments> ofB,
      List<Representation> b,
      boolean surely) {
    int rows = Math.toIntExact(a.get(0).samples());
    int atOnce = surely ? ROWS_AT_ONCE : rows;
    BatchMoments.Sums sums = known;
    for (int from = 0; from < rows; from += atOnce) {
      int to = Math.min(rows, from + atOnce);
      BatchMoments batch =
          new BatchMoments(
              shifted(ofA, a, from, to, memoryOfA),
              shifted(ofB, b, from, to, memoryOfB),
              i -> partners(i, b.size()));
      if (!surely) {
        requireRoom(ofA, batch.a());
        requireRoom(ofB, batch.b());
      }
      sums = batch.addTo(sums);
    }
    return sums;
  }

  /** Whether what is small enough for sums can be told without computing them. */
  private static boolean haveSurelyRoom(List<LayerMoments> layers, List<Representation> batches) {
    return IntStream.range(0, layers.size())
        .allMatch(i -> layers.get(i).hasSurelyRoomFor(batches.get(i).matrix()));
  }

  private static void requireRoom(List<LayerMoments> layers, List<ShiftedBatch> batches) {
    for (int i = 0; i < layers.size(); i++) {
      layers.get(i).requireRoomFor(batches.get(i));
    }
  }

  private static List<SideMoments> sums(List<LayerMoments> layers) {
    return layers.stream().map(LayerMoments::moments).toList();
  }

  private List<List<CrossMoments>> begun(List<Representation> a, List<Representation> b) {
    return crosses.isEmpty()
        ? IntStream.range(0, a.size())
            .mapToObj(
                i ->
                    Arrays.stream(partners(i, b.size()))
                        .mapToObj(j -> CrossMoments.none(width(a.get(i)), width(b.get(j))))
                        .toList())
            .toList()
        : crosses;
  }

  private static int width(Representation layer) {
    return Math.toIntExact(layer.features());
  }

  /** Adds one batch of one pair of layers. */
  public void add(Representation a, Representation b) {
    add(List.of(a), List.of(b));
  }

  private int[] partners(int a, int layersOfB) {
    return pairs == Pairs.ALL ? IntStream.range(0, layersOfB).toArray() : new int[] {a};
  }

  private CrossMoments cross(int a, int b) {
    return crosses.get(a).get(pairs == Pairs.ALL ? b : 0);
  }

  private static List<Representation.Info> infos(List<Representation> batch) {
    return batch.stream().map(Representation::info).toList();
  }

  private static List<LayerMoments> layers(List<LayerMoments> known, List<Representation> batch) {
    return known.isEmpty() ? batch.stream().map(LayerMoments::begin).toList() : known;
  }

  private List<ShiftedBatch> shifted(
      List<LayerMoments> layers,
      List<Representation> batch,
      int from,
      int to,
      ShiftedBatch.Memory memory) {
    List<ShiftedBatch> shifted = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      ShiftedBatch.Rows rows = new ShiftedBatch.Rows(batch.get(i).matrix(), from, to);
      shifted.add(ShiftedBatch.of(rows, layers.get(i).origin(), precision, memory, i));
    }
    return shifted;
  }

  private static List<LayerMoments> with(
      List<SideMoments> sums, List<LayerMoments> layers, List<Representation> batch) {
    return IntStream.range(0, layers.size())
        .mapToObj(i -> layers.get(i).with(sums.get(i), batch.get(i).info()))
        .toList();
  }

  private void requireFitting(List<Representation.Info> a, List<Representation.Info> b) {
    boolean sizes = pairs == Pairs.ALL || a.size() == b.size();
    boolean known =
        layersOfA.isEmpty() || (a.size() == layersOfA.size() && b.size() == layersOfB.size());
    if (a.isEmpty() || b.isEmpty() || !sizes || !known) {
      throw new PalimpsestException(
          "%s and %s layers cannot be gathered in %s pairs with %s and %s. Give the same layers each time."
              .formatted(a.size(), b.size(), pairs.name(), layersOfA.size(), layersOfB.size()));
    }
    for (int i = 0; i < a.size(); i++) {
      for (int j : partners(i, b.size())) {
        a.get(i).requireSameSamples(b.get(j));
      }
    }
    requireKnown(layersOfA, a);
    requireKnown(layersOfB, b);
  }

  private static void requireKnown(List<LayerMoments> known, List<Representation.Info> batch) {
    for (int i = 0; i < known.size(); i++) {
      known.get(i).requireSameLayer(batch.get(i));
    }
  }

  /**
   * Adds the samples that another has gathered of the same layers. If it is refused, nothing
   * changes.
   *
   * @throws PalimpsestException if pairs, precision or layers differ
   */
  public void merge(CoMoments other) {
    if (other.pairs != pairs || other.precision != precision) {
      throw new PalimpsestException(
          "Co-moments of %s pairs in %s cannot be merged with those of %s pairs in %s. Gather both alike."
              .formatted(pairs, precision, other.pairs, other.precision));
    }
    if (other.layersOfA.isEmpty()) {
      return;
    }
    if (layersOfA.isEmpty()) {
      accept(other.state().copy());
    } else {
      requireFitting(other.layersOfA(), other.layersOfB());
      accept(state().plus(other.state(), pairs));
    }
    singlesOfA.or(other.singlesOfA);
    singlesOfB.or(other.singlesOfB);
  }

  @Override
  public void merge(StreamedLayers others) {
    if (!(others instanceof CoMoments moments)) {
      throw new PalimpsestException("Co-moments can be merged with co-moments alone.");
    }
    merge(moments);
  }

  /**
   * Compares one pair of layers.
   *
   * @param a index among {@link #layersOfA()}
   * @param b index among {@link #layersOfB()}
   * @throws PalimpsestException if the measure needs more than co-moments, that pair was not
   *     gathered, or a layer does not vary
   */
  public Score compare(Measure<?> measure, int a, int b) {
    LinearComputation linear = linear(measure);
    requireGathered(a, b);
    LayerMoments ofA = state().layersOfA().get(a);
    LayerMoments ofB = state().layersOfB().get(b);
    return linear.compareClosely(
        pair(side(ofA, DataType.DOUBLE), side(ofB, DataType.DOUBLE), ofA, ofB, cross(a, b)));
  }

  @Override
  public Score score(Measure<?> measure, int a, int b) {
    LinearComputation linear = linear(measure);
    requireGathered(a, b);
    StreamedPair pair =
        pair(
            sidesOfA.computeIfAbsent(
                a, i -> side(state().layersOfA().get(i), typeOf(singlesOfA, i))),
            sidesOfB.computeIfAbsent(
                b, j -> side(state().layersOfB().get(j), typeOf(singlesOfB, j))),
            state().layersOfA().get(a),
            state().layersOfB().get(b),
            cross(a, b));
    Score score = linear.compareClosely(pair);
    for (String caution : linear.allCautions(pair.a(), pair.b(), score)) {
      score = score.withWarning(caution);
    }
    return score;
  }

  private static LinearComputation linear(Measure<?> measure) {
    if (DelegatingMeasure.of(measure) instanceof LinearComputation linear) {
      return linear;
    }
    throw new PalimpsestException(
        "Measure '%s' needs all samples at once. From co-moments come linear_cka, debiased_linear_cka, cca_mean, svcca, pwcca, procrustes_*, shape, linear_regression_* and gulp."
            .formatted(measure.name()));
  }

  private void requireGathered(int a, int b) {
    if (a < 0 || a >= layersOfA.size() || b < 0 || b >= layersOfB.size() || !pairs.include(a, b)) {
      throw new PalimpsestException(
          "Layers %s and %s were not gathered as a pair: there are %s and %s layers, in %s pairs."
              .formatted(a, b, layersOfA.size(), layersOfB.size(), pairs.name()));
    }
  }

  private static StreamedPair pair(
      StreamedPair.Layer sideA,
      StreamedPair.Layer sideB,
      LayerMoments a,
      LayerMoments b,
      CrossMoments cross) {
    CrossMoments centred =
        cross.shifted(a.moments(), a.moments().mean(), b.moments(), b.moments().mean());
    return StreamedPair.of(sideA, sideB, centred);
  }

  private StreamedPair.Layer side(LayerMoments layer, DataType type) {
    return new StreamedPair.Layer(
        layer.info(),
        layer.origin().scale(),
        layer.centred(),
        layer.squaresOfMeans(),
        precision,
        type);
  }

  private static DataType typeOf(BitSet singles, int layer) {
    return singles.get(layer) ? DataType.FLOAT : DataType.DOUBLE;
  }

  private static void recordSingles(BitSet singles, List<Representation> batch) {
    for (int i = 0; i < batch.size(); i++) {
      if (batch.get(i).matrix().dataType() == DataType.FLOAT) {
        singles.set(i);
      }
    }
  }

  /**
   * Writes them in the format of {@code docs/co-moments.md}; the stream is flushed and left open.
   */
  @Override
  public void write(OutputStream out) throws IOException {
    CoMomentsFormat.write(this, out);
  }

  /**
   * Reads what {@link #write} wrote, to the last byte of it and no further.
   *
   * @throws PalimpsestException if it is not that, of a later version, cut short or damaged
   */
  public static CoMoments read(InputStream in) throws IOException {
    return CoMomentsFormat.read(in);
  }

  /** Which layers of two sets are compared. */
  public enum Pairs {
    /** Each of A with each of B. */
    ALL,
    /** The first of A with the first of B, and so on. */
    MATCHED;

    boolean include(int a, int b) {
      return this == ALL || a == b;
    }
  }

  /** In which type the products of a batch are computed; they are always summed in float64. */
  public enum Precision {
    /**
     * Whatever came: co-moments are exact to about 1e-15 of the largest variance, so that
     * components down to about 1e-7 of the largest are told from rounding.
     */
    FLOAT64(DataType.DOUBLE, Math.sqrt(Math.ulp(1.0))),
    /**
     * Twice as fast, exact to about 1e-7 of the largest variance: enough for CKA, Procrustes and
     * SVCCA up to 0.99; CCA, PWCCA and R² then leave out components below about 1e-3 of the
     * largest.
     */
    FLOAT32(DataType.FLOAT, Math.sqrt(Math.ulp(1.0f)));

    private final DataType type;
    private final double resolution;

    Precision(DataType type, double resolution) {
      this.type = type;
      this.resolution = resolution;
    }

    DataType type() {
      return type;
    }

    /** The least singular value, over the largest, that co-moments of p features resolve. */
    double leastSingularValue(int features) {
      return resolution * Math.sqrt(features);
    }
  }
}
