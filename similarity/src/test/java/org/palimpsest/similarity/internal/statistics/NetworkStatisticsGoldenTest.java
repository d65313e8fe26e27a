package org.palimpsest.similarity.internal.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.similarity.internal.statistics.GroupDissimilarities.Pairs;
import org.palimpsest.similarity.internal.statistics.SpeedUp.RunCounts;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.CensoredValue;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;
import org.palimpsest.similarity.statistics.Judgement;
import org.palimpsest.similarity.statistics.WelchContrast;
import org.palimpsest.similarity.statistics.WelchContrast.FrozenShare;

/**
 * Values by SciPy, statsmodels, scikit-learn and enumeration, written by
 * src/test/python/make_network_statistics.py; each says what computed it.
 */
class NetworkStatisticsGoldenTest {

  private static final Offset<Double> EXACT = within(1e-9);

  private static Stream<JsonNode> cases(String key) throws IOException {
    try (InputStream file =
        NetworkStatisticsGoldenTest.class.getResourceAsStream("/statistics/networks.json")) {
      return StreamSupport.stream(new ObjectMapper().readTree(file).get(key).spliterator(), false);
    }
  }

  static Stream<JsonNode> welch() throws IOException {
    return cases("welch");
  }

  @ParameterizedTest
  @MethodSource("welch")
  void testsOfOneAndTwoArmsAreThoseOfSciPy(JsonNode one) {
    double[] a = array(one.get("a"));
    WelchContrast contrast =
        switch (one.get("kind").asText()) {
          case "mean" -> WelchContrast.ofMean(a);
          case "paired" -> WelchContrast.ofDifference(a, array(one.get("b"))).inSeed();
          default -> WelchContrast.ofDifference(a, array(one.get("b")));
        };
    Estimate.Student estimate = (Estimate.Student) contrast.estimate();

    assertThat(estimate.degreesOfFreedom()).isCloseTo(one.get("df").asDouble(), EXACT);
    assertInterval(estimate, one);
    assertThat(estimate.pAbove(one.get("threshold").asDouble()))
        .isCloseTo(one.get("pAbove").asDouble(), EXACT);
    assertThat(estimate.pBelow(one.get("threshold").asDouble()))
        .isCloseTo(1 - one.get("pAbove").asDouble(), EXACT);
  }

  static Stream<JsonNode> weighted() throws IOException {
    return cases("weighted");
  }

  @ParameterizedTest
  @MethodSource("weighted")
  void contrastsOfSeveralArmsFollowTheFormula(JsonNode one) {
    double[][] arms = rows(one.get("arms"));
    double[] weights = array(one.get("weights"));
    WelchContrast contrast = WelchContrast.of(weights[0], arms[0]);
    for (int i = 1; i < arms.length; i++) {
      contrast = contrast.plus(weights[i], arms[i]);
    }

    assertStudent(contrast.estimate(), one);
  }

  static Stream<JsonNode> equivalence() throws IOException {
    return cases("equivalence");
  }

  @ParameterizedTest
  @MethodSource("equivalence")
  void equivalenceIsTheLargerOfTwoOneSidedTests(JsonNode one) {
    Estimate estimate =
        WelchContrast.ofDifference(array(one.get("a")), array(one.get("b"))).estimate();

    assertThat(
            Judgement.within(estimate, one.get("low").asDouble(), one.get("high").asDouble())
                .pFor())
        .isCloseTo(one.get("p").asDouble(), EXACT);
  }

  static Stream<JsonNode> isotonic() throws IOException {
    return cases("isotonic");
  }

  @ParameterizedTest
  @MethodSource("isotonic")
  void isotonicFitsAreThoseOfScikitLearn(JsonNode one) {
    assertThat(LearningCurve.IsotonicRegression.fit(array(one.get("y"))))
        .containsExactly(array(one.get("fit")), EXACT);
  }

  static Stream<JsonNode> ranks() throws IOException {
    return cases("ranks");
  }

  @ParameterizedTest
  @MethodSource("ranks")
  void ranksOfKnownValuesGiveTheExactTestOfMannAndWhitney(JsonNode one) {
    Estimate shift = Estimate.ofShift(exact(array(one.get("a"))), exact(array(one.get("b"))));

    assertInterval(shift, one);
    assertThat(shift.point()).hasValueCloseTo(one.get("point").asDouble(), EXACT);
    assertThat(shift.pAbove(one.get("threshold").asDouble()))
        .isCloseTo(one.get("pAbove").asDouble(), EXACT);
  }

  static Stream<JsonNode> censored() throws IOException {
    return cases("censored");
  }

  @ParameterizedTest
  @MethodSource("censored")
  void ranksOfBoundsGiveOpenEndsWhereBoundsAreOpen(JsonNode one) {
    assertInterval(Estimate.ofShift(bounds(one, "a"), bounds(one, "b")), one);
  }

  private static List<CensoredValue> bounds(JsonNode one, String group) {
    double[] low = array(one.get(group + "Low"));
    double[] high = array(one.get(group + "High"));
    return IntStream.range(0, low.length)
        .mapToObj(i -> new CensoredValue(low[i], high[i]))
        .toList();
  }

  static Stream<JsonNode> frozen() throws IOException {
    return cases("frozen");
  }

  @ParameterizedTest
  @MethodSource("frozen")
  void sharesOfFrozenNetworksHaveFiellersInterval(JsonNode one) {
    FrozenShare share =
        FrozenShare.of(array(one.get("f")), array(one.get("w")), array(one.get("l")));
    Estimate estimate = (one.get("paired").asBoolean() ? share.inSeed() : share).estimate();

    assertThat(estimate.point()).hasValueCloseTo(one.get("value").asDouble(), EXACT);
    assertInterval(estimate, one);
  }

  static Stream<JsonNode> shares() throws IOException {
    return cases("shares");
  }

  @ParameterizedTest
  @MethodSource("shares")
  void logitsOfSharesFollowTheFormula(JsonNode one) {
    int[] hits = ints(one.get("hits"));
    int[] units = IntStream.generate(() -> one.get("units").asInt()).limit(hits.length).toArray();
    Estimate.Student estimate = (Estimate.Student) Estimate.ofLogitShare(hits, units);

    assertThat(estimate.value()).isCloseTo(one.get("value").asDouble(), EXACT);
    assertInterval(estimate, one);
  }

  static Stream<JsonNode> auc() throws IOException {
    return cases("auc");
  }

  @ParameterizedTest
  @MethodSource("auc")
  void areasUnderTheCurveAreThoseOfScikitLearn(JsonNode one) {
    KernelAuc auc = KernelAuc.of(array(one.get("trained")), array(one.get("fresh")));

    assertThat(auc.value()).isCloseTo(one.get("value").asDouble(), EXACT);
    assertThat(auc.variance()).isCloseTo(one.get("variance").asDouble(), EXACT);
  }

  static Stream<JsonNode> groups() throws IOException {
    return cases("groups");
  }

  @ParameterizedTest
  @MethodSource("groups")
  void figuresOfPairsLeaveOutEveryNetwork(JsonNode one) {
    GroupDissimilarities groups =
        GroupDissimilarities.of(
            rows(one.get("d")), ints(one.get("first")), ints(one.get("second")));

    assertStudent(groups.location(), one.get("location"));
    assertStudent(groups.acrossBesideSecond(), one.get("raghu"));
    assertStudent(groups.logRatioOfSpread(), one.get("spread"));
  }

  static Stream<JsonNode> beyond() throws IOException {
    return cases("beyond");
  }

  @ParameterizedTest
  @MethodSource("beyond")
  void aFigureBesideAControlLeavesOutEveryNetworkOfThreeGroups(JsonNode one) {
    GroupDissimilarities groups =
        GroupDissimilarities.of(
            rows(one.get("d")), ints(one.get("first")), ints(one.get("second")));

    assertStudent(groups.locationBeyond(ints(one.get("control"))), one.get("beyond"));
  }

  static Stream<JsonNode> sources() throws IOException {
    return cases("sources");
  }

  @ParameterizedTest
  @MethodSource("sources")
  void figuresOverSourcesLeaveOutEverySource(JsonNode one) {
    GroupDissimilarities groups =
        GroupDissimilarities.of(rows(one.get("d")), ints(one.get("first")), ints(one.get("second")))
            .withSourcesOfFirst(ints(one.get("sources")));

    assertStudent(groups.logRatioOfSources(), one.get("ratio"));
    assertStudent(groups.location(), one.get("location"));
    double ofSources = groups.logRatioOfSources().point().orElseThrow();
    assertThat(
            groups.logRatioOfSpread(Pairs.ACROSS_UNITS, Pairs.ACROSS_UNITS).point().orElseThrow()
                - groups
                    .logRatioOfSpread(Pairs.WITHIN_UNITS, Pairs.ACROSS_UNITS)
                    .point()
                    .orElseThrow())
        .isCloseTo(ofSources, EXACT);
  }

  static Stream<JsonNode> reuse() throws IOException {
    return cases("reuse");
  }

  @ParameterizedTest
  @MethodSource("reuse")
  void reuseOfBlocksIsTestedAsSciPyWould(JsonNode one) {
    BlockReuse reuse = BlockReuse.ofSource(rows(one.get("transferred")), rows(one.get("random")));
    int[] deeper = {1, 2, 3};

    assertThat(reuse.trend().interval().low()).isCloseTo(one.get("trendLow").asDouble(), EXACT);
    assertThat(reuse.trend().interval().high()).isCloseTo(one.get("trendHigh").asDouble(), EXACT);
    assertStudent(reuse.logLeft(1), one.get("left"));
    assertThat(reuse.isNotOnlyEarly(deeper, 0.15).pFor())
        .isCloseTo(one.get("notEarly").asDouble(), EXACT);
    assertThat(reuse.isStrongerDeeper(new int[] {0}, deeper).pFor())
        .isCloseTo(one.get("stronger").asDouble(), EXACT);
  }

  @ParameterizedTest
  @MethodSource("reuse")
  void reuseOverSourcesAddsTheVarianceOfRandomNetworks(JsonNode one) {
    BlockReuse reuse =
        BlockReuse.ofSources(
            oneBlock(rows(one.get("sourceTransferred"))), oneBlock(rows(one.get("sourceRandom"))));

    assertStudent(reuse.of(0), one.get("overSources"));
    assertStudent(reuse.logLeft(0), one.get("leftOverSources"));
  }

  private static double[][][] oneBlock(double[][] bySource) {
    double[][][] blocks = new double[bySource.length][][];
    for (int k = 0; k < blocks.length; k++) {
      blocks[k] = new double[bySource[k].length][];
      for (int i = 0; i < blocks[k].length; i++) {
        blocks[k][i] = new double[] {bySource[k][i]};
      }
    }
    return blocks;
  }

  static Stream<JsonNode> holm() throws IOException {
    return cases("holm");
  }

  @ParameterizedTest
  @MethodSource("holm")
  void holmsCorrectionIsThatOfStatsmodels(JsonNode one) {
    assertThat(Judgement.holm(array(one.get("p"))))
        .containsExactly(array(one.get("corrected")), EXACT);
  }

  static Stream<JsonNode> fisher() throws IOException {
    return cases("fisher");
  }

  @ParameterizedTest
  @MethodSource("fisher")
  void countsOfRunsAreTestedAsSciPyWould(JsonNode one) {
    int[] first = ints(one.get("table").get(0));
    int[] second = ints(one.get("table").get(1));
    RunCounts counts =
        new RunCounts(first[0], first[0] + first[1], second[0], second[0] + second[1]);

    assertThat(counts.p()).isCloseTo(one.get("p").asDouble(), EXACT);
    assertThat(counts.pMore()).isCloseTo(one.get("more").asDouble(), EXACT);
    assertThat(counts.pLess()).isCloseTo(one.get("less").asDouble(), EXACT);
  }

  static Stream<JsonNode> sizes() throws IOException {
    return cases("sizes");
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void numbersOfNetworksFollowTheFormula(JsonNode one) {
    Estimate.Student pilot =
        new Estimate.Student(
            0, one.get("error").asDouble(), one.get("df").asDouble(), one.get("networks").asInt());

    assertThat(pilot.networksToPass(one.get("effect").asDouble(), 0.8))
        .isEqualTo(OptionalInt.of(one.get("needed").asInt()));
  }

  private static void assertStudent(Estimate estimate, JsonNode expected) {
    assertThat(estimate).isInstanceOf(Estimate.Student.class);
    Estimate.Student student = (Estimate.Student) estimate;
    assertThat(student.value()).isCloseTo(expected.get("value").asDouble(), EXACT);
    assertThat(student.degreesOfFreedom()).isCloseTo(expected.get("df").asDouble(), EXACT);
    assertInterval(estimate, expected);
  }

  private static void assertInterval(Estimate estimate, JsonNode expected) {
    ConfidenceInterval interval = estimate.interval();
    assertThat(interval.low()).isCloseTo(number(expected.get("low")), EXACT);
    if (Double.isInfinite(number(expected.get("high")))) {
      assertThat(interval.high()).isInfinite();
    } else {
      assertThat(interval.high()).isCloseTo(number(expected.get("high")), EXACT);
    }
  }

  private static List<CensoredValue> exact(double... values) {
    List<CensoredValue> exact = new ArrayList<>();
    for (double value : values) {
      exact.add(CensoredValue.exactly(value));
    }
    return exact;
  }

  private static double number(JsonNode node) {
    return node.isTextual() ? Double.parseDouble(node.asText()) : node.asDouble();
  }

  private static double[] array(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false)
        .mapToDouble(NetworkStatisticsGoldenTest::number)
        .toArray();
  }

  private static int[] ints(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  private static double[][] rows(JsonNode node) {
    return StreamSupport.stream(node.spliterator(), false)
        .map(NetworkStatisticsGoldenTest::array)
        .toArray(double[][]::new);
  }
}
