package org.palimpsest.core.representation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.FeatureMaps.View;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;

/** What must hold of the matrix of a layer, whatever the layer. */
class ViewsOfLayersTest {

  /** Activations to 3 probes, as float64 and by their definition. */
  private record Layer(int channels, int height, int width, long seed) {

    static final int PROBES = 3;

    double[] values() {
      return new Random(seed).doubles((long) PROBES * channels * height * width).toArray();
    }

    Activations activations(DataType type) {
      return Activations.of(
          "enc1",
          Nd4j.createFromArray(values())
              .reshape('c', PROBES, channels, height, width)
              .castTo(type));
    }

    Activations activations() {
      return activations(DataType.DOUBLE);
    }

    double at(int probe, int channel, int y, int x) {
      return values()[((probe * channels + channel) * height + y) * width + x];
    }
  }

  @Property(tries = 40)
  void rowsOfPositionsAreProbeByProbeAndColumnsAreChannels(
      @ForAll @IntRange(min = 1, max = 5) int channels,
      @ForAll @IntRange(min = 1, max = 5) int height,
      @ForAll @IntRange(min = 1, max = 5) int width,
      @ForAll long seed) {
    Layer layer = new Layer(channels, height, width, seed);
    double[][] rows = FeatureMaps.positions().represent(layer.activations()).toArray();

    assertThat(rows).hasNumberOfRows(Layer.PROBES * height * width);
    for (int n = 0; n < Layer.PROBES; n++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int c = 0; c < channels; c++) {
            assertThat(rows[(n * height + y) * width + x][c]).isEqualTo(layer.at(n, c, y, x));
          }
        }
      }
    }
  }

  @Property(tries = 40)
  void aCoarserGridKeepsTheMeanOfEachChannelOfEachProbe(
      @ForAll @IntRange(min = 1, max = 7) int height,
      @ForAll @IntRange(min = 1, max = 7) int width,
      @ForAll @IntRange(min = 1, max = 7) int coarserHeight,
      @ForAll @IntRange(min = 1, max = 7) int coarserWidth,
      @ForAll long seed) {
    Layer layer = new Layer(2, height, width, seed);
    Grid own = Grid.of(height, width);
    Grid coarser = own.commonWith(Grid.of(coarserHeight, coarserWidth));
    FeatureMaps positions = FeatureMaps.positions();
    double[][] pooled = FeatureMaps.pool().represent(layer.activations()).toArray();
    double[][] rows = positions.represent(layer.activations(), coarser).toArray();
    double[][] whole = positions.represent(layer.activations()).toArray();

    for (int n = 0; n < Layer.PROBES; n++) {
      for (int c = 0; c < 2; c++) {
        assertThat(mean(rows, n, c, coarser.positions())).isCloseTo(pooled[n][c], within(1e-12));
        assertThat(mean(whole, n, c, own.positions())).isCloseTo(pooled[n][c], within(1e-12));
      }
    }
    assertThat(Arrays.stream(rows).flatMapToDouble(Arrays::stream)).allMatch(v -> v > 0 && v < 1);
  }

  private static double mean(double[][] rows, int probe, int column, int perProbe) {
    return Arrays.stream(rows, probe * perProbe, (probe + 1) * perProbe)
        .mapToDouble(row -> row[column])
        .average()
        .orElseThrow();
  }

  @Property(tries = 30)
  void reducingTwiceByWholeFactorsIsReducingOnce(
      @ForAll @IntRange(min = 1, max = 3) int last,
      @ForAll @IntRange(min = 1, max = 3) int factor,
      @ForAll @IntRange(min = 1, max = 3) int another,
      @ForAll long seed) {
    Layer layer = new Layer(2, last * factor * another, last * factor, seed);
    FeatureMaps positions = FeatureMaps.positions();
    Grid between = Grid.of(last * factor, last);
    Grid end = Grid.of(last, last);
    double[][] once = positions.represent(layer.activations(), end).toArray();
    double[] middle =
        Arrays.stream(positions.represent(layer.activations(), between).toArray())
            .flatMapToDouble(Arrays::stream)
            .toArray();
    INDArray channelsLast =
        Nd4j.createFromArray(middle).reshape('c', Layer.PROBES, last * factor, last, 2);
    Activations reduced = Activations.of("enc1", channelsLast.permute(0, 3, 1, 2));

    assertThat(flat(positions.represent(reduced, end).toArray()))
        .containsExactly(flat(once), within(1e-12));
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  @Property(tries = 30)
  void theTypeAndTheOrderInMemoryMakeNoDifference(
      @ForAll @IntRange(min = 1, max = 4) int channels,
      @ForAll @IntRange(min = 1, max = 6) int height,
      @ForAll FeatureMaps.Mode mode,
      @ForAll long seed) {
    Layer layer = new Layer(channels, height, 3, seed);
    INDArray single = layer.activations(DataType.FLOAT).values();
    FeatureMaps rule = FeatureMaps.of(mode);
    double[][] expected = rule.represent(Activations.of("enc1", single)).toArray();

    assertThat(rule.represent(Activations.of("enc1", single.dup('f'))).toArray())
        .isDeepEqualTo(expected);
    double[][] exact =
        rule.represent(Activations.of("enc1", single.castTo(DataType.DOUBLE))).toArray();
    assertThat(flat(exact)).containsExactly(flat(expected), within(1e-7));
  }

  @Property(tries = 40)
  void drawnPositionsAreDifferentOnesOfTheirProbeInOrder(
      @ForAll @IntRange(min = 1, max = 6) int height,
      @ForAll @IntRange(min = 1, max = 6) int width,
      @ForAll @IntRange(min = 1, max = 40) int wanted,
      @ForAll long seed) {
    FeatureMaps drawing = FeatureMaps.positions().withPositionsPerProbe(wanted, seed);
    Grid grid = Grid.of(height, width);
    MatrixRequest request = new MatrixRequest(LayerSelector.all(), drawing, Map.of());
    int held = Math.min(wanted, height * width);

    for (long probe = 0; probe < 4; probe++) {
      int[] positions = request.positions(grid, probe);
      assertThat(positions).hasSize(held).doesNotHaveDuplicates().isSorted();
      assertThat(Arrays.stream(positions)).allMatch(p -> p >= 0 && p < height * width);
      assertThat(request.positions(grid, probe)).containsExactly(positions);
    }
    assertThat(request.rowsPerProbe(grid)).isEqualTo(held);
  }

  @Test
  void eachPositionIsDrawnAboutAsOften() {
    FeatureMaps drawing = FeatureMaps.positions().withPositionsPerProbe(3, 7);
    MatrixRequest request = new MatrixRequest(LayerSelector.all(), drawing, Map.of());
    int[] counts = new int[12];
    for (long probe = 0; probe < 4000; probe++) {
      for (int position : request.positions(Grid.of(3, 4), probe)) {
        counts[position]++;
      }
    }

    // expected 1000 each; the standard deviation is 27
    assertThat(Arrays.stream(counts)).allMatch(count -> Math.abs(count - 1000) < 150);
  }

  @Test
  void rowsOfDrawnPositionsAreRowsOfAllPositions() {
    Layer layer = new Layer(3, 4, 5, 1);
    double[][] all = FeatureMaps.positions().represent(layer.activations()).toArray();
    FeatureMaps drawing = FeatureMaps.positions().withPositionsPerProbe(6, 42);
    Representation drawn = drawing.represent(layer.activations());
    MatrixRequest request = new MatrixRequest(LayerSelector.all(), drawing, Map.of());

    double[][] rows = drawn.toArray();
    for (int n = 0; n < Layer.PROBES; n++) {
      int[] positions = request.positions(Grid.of(4, 5), n);
      for (int k = 0; k < 6; k++) {
        assertThat(rows[6 * n + k]).containsExactly(all[20 * n + positions[k]]);
      }
    }
    assertThat(drawn.info().rowsPerProbe()).isEqualTo(6);
    assertThat(drawn.info().probeCount()).isEqualTo(3);
    assertThat(drawn.info().view()).isEqualTo("positions 4x5, 6 of 20 per probe, seed 42");
  }

  @Property(tries = 40)
  void theCommonGridIsCommutativeAndTheFinestThatBothReach(
      @ForAll @IntRange(min = 1, max = 9) int h,
      @ForAll @IntRange(min = 1, max = 9) int w,
      @ForAll @IntRange(min = 1, max = 9) int otherH,
      @ForAll @IntRange(min = 1, max = 9) int otherW) {
    Grid one = Grid.of(h, w);
    Grid other = Grid.of(otherH, otherW);

    assertThat(one.commonWith(other)).isEqualTo(other.commonWith(one));
    assertThat(one.commonWith(other).extents())
        .containsExactly(Math.min(h, otherH), Math.min(w, otherW));
    assertThat(one.commonWith(one)).isEqualTo(one);
    assertThat(one.commonWith(Grid.point())).isEqualTo(Grid.point());
  }

  @Test
  void imagesAndVolumesHaveNoCommonGrid() {
    assertThatThrownBy(() -> Grid.of(4, 4).commonWith(Grid.of(2, 4, 4)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("4x4", "2x4x4", "'pool'");
  }

  @ParameterizedTest
  @CsvSource({"4, 5", "5, 4", "0, 4", "2, -1"})
  void aGridThatIsNoCoarserOneIsRefused(int height, int width) {
    assertThatThrownBy(
            () ->
                FeatureMaps.positions()
                    .represent(new Layer(1, 4, 4, 1).activations(), Grid.of(height, width)))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'enc1'", "4x4", height + "x" + width);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void fewerThanOnePositionCannotBeDrawn(int count) {
    assertThatThrownBy(() -> FeatureMaps.positions().withPositionsPerProbe(count, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(String.valueOf(count));
  }

  @ParameterizedTest
  @EnumSource(names = {"POOL", "FLATTEN"})
  void positionsAreDrawnOfPositionsAlone(FeatureMaps.Mode mode) {
    assertThatThrownBy(() -> FeatureMaps.of(mode).withPositionsPerProbe(3, 0))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(mode.name());
  }

  @Test
  void aRuleSaysWhatItDoes() {
    assertThat(FeatureMaps.positions().describe()).isEqualTo("positions as samples");
    assertThat(FeatureMaps.positions().withPositionsPerProbe(9, 3).describe())
        .isEqualTo("positions as samples, 9 of each probe drawn with seed 3");
    assertThat(FeatureMaps.pool().describe()).contains("averaged");
    assertThat(FeatureMaps.flatten().describe()).contains("each channel at each position");
    Set<String> views = new HashSet<>();
    for (FeatureMaps.Mode mode : FeatureMaps.Mode.values()) {
      views.add(new View(FeatureMaps.of(mode), Grid.of(2, 2)).describe());
    }
    assertThat(views).containsExactlyInAnyOrder("positions 2x2", "pool", "flatten");
    assertThat(View.OF_PLAIN_ROWS)
        .isEqualTo(new View(FeatureMaps.positions(), Grid.point()).describe());
  }

  @Test
  void onlyWhatIsSmallerThanActivationsIsReducedWhereTheNetworkRuns() {
    assertThat(FeatureMaps.positions().areReduced()).isFalse();
    assertThat(FeatureMaps.flatten().areReduced()).isFalse();
    assertThat(FeatureMaps.pool().areReduced()).isTrue();
    assertThat(FeatureMaps.positions().withPositionsPerProbe(1, 0).areReduced()).isTrue();
    assertThat(new FeatureMaps(FeatureMaps.Mode.POSITIONS, OptionalInt.empty(), 5).areReduced())
        .isFalse();
  }

  @ParameterizedTest
  @EnumSource(FeatureMaps.Mode.class)
  void aValueThatIsNotFiniteIsNamedWithItsProbeInEachMode(FeatureMaps.Mode mode) {
    for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
        INDArray values = new Layer(2, 2, 2, 1).activations(type).values();
        values.putScalar(new int[] {2, 1, 1, 0}, value);

        assertThatThrownBy(() -> FeatureMaps.of(mode).represent(Activations.of("enc1", values)))
            .isInstanceOf(PalimpsestException.class)
            .hasMessageContainingAll("'enc1'", String.valueOf(value), "probe 2");
      }
    }
  }

  @Test
  void oneProbeOfOneValueIsAMatrix() {
    Activations one = Activations.of("out", Nd4j.createFromArray(new double[] {4}));

    for (FeatureMaps.Mode mode : FeatureMaps.Mode.values()) {
      assertThat(FeatureMaps.of(mode).represent(one).toArray()).isDeepEqualTo(new double[][] {{4}});
    }
  }

  @Test
  void rowsOfDifferentPlacesAreNotOfTheSameSamples() {
    Fingerprint probes = Fingerprint.of(Nd4j.ones(6, 1));
    Representation.Info info = new Representation.Info("a", 6, 2, 1, probes, "v");
    Representation.Info ofPositions = new Representation.Info("b", 6, 2, 3, probes, "v");
    Representation.Info ofOthers =
        new Representation.Info("c", 6, 2, 1, Probes.of(Nd4j.zeros(6, 1)).fingerprint(), "v");
    Representation.Info ofUnknown =
        new Representation.Info("d", 6, 9, 1, Fingerprint.unknown(), "another view");

    assertThatThrownBy(() -> info.requireSameSamples(ofPositions))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a' has 6 samples (1 per probe)", "'b' has 6 (3 per probe)");
    assertThatThrownBy(() -> info.requireSameSamples(ofOthers))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("'a'", "'c'", "different probes");
    info.requireSameSamples(ofUnknown);
  }

  @Test
  void aMatrixThatIsNotWhatIsSaidOfItIsRefused() {
    Representation.Info info =
        new Representation.Info("a", 6, 2, 1, Fingerprint.unknown(), "positions 1");

    for (INDArray wrong : List.of(Nd4j.ones(2, 6), Nd4j.ones(6, 3), Nd4j.ones(6, 2, 1))) {
      assertThatThrownBy(() -> new Representation(info, wrong))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContainingAll("'a'", "6 samples × 2 features", Arrays.toString(wrong.shape()));
    }
  }
}
