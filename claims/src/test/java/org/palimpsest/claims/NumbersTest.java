package org.palimpsest.claims;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.similarity.statistics.Estimate;
import org.palimpsest.similarity.statistics.Estimate.ConfidenceInterval;

/** What is printed of a figure holds what was found, and no more digits than that has. */
class NumbersTest {

  private static final String NUMBER = "(−?[0-9]+(?:\\.[0-9]+)?)";
  private static final Pattern WITH_INTERVAL =
      Pattern.compile(NUMBER + " \\(" + NUMBER + " to " + NUMBER + "\\)");

  private static BigDecimal parsed(String text) {
    assertThat(text).doesNotMatch("−0(\\.0+)?");
    return new BigDecimal(text.replace('−', '-'));
  }

  private static BigDecimal exact(double value) {
    return BigDecimal.valueOf(value);
  }

  @Property(tries = 500)
  void thePrintedIntervalHoldsTheInterval(
      @ForAll @DoubleRange(min = -1000, max = 1000) double low,
      @ForAll @DoubleRange(min = -12, max = 3) double sizeOfWidth,
      @ForAll @DoubleRange(min = 0, max = 1) double share) {
    double width = Math.pow(10, sizeOfWidth);
    double high = low + width;
    double value = Math.min(high, low + share * width);
    String text =
        Numbers.of(OptionalDouble.of(value), new ConfidenceInterval(low, high, Estimate.LEVEL));

    Matcher matcher = WITH_INTERVAL.matcher(text);
    assertThat(matcher.matches()).as(text).isTrue();
    BigDecimal figure = parsed(matcher.group(1));
    BigDecimal from = parsed(matcher.group(2));
    BigDecimal to = parsed(matcher.group(3));
    BigDecimal unit = BigDecimal.ONE.movePointLeft(from.scale());

    assertThat(from).isLessThanOrEqualTo(exact(low)).isGreaterThan(exact(low).subtract(unit));
    assertThat(to).isGreaterThanOrEqualTo(exact(high)).isLessThan(exact(high).add(unit));
    assertThat(figure.subtract(exact(value)).abs().multiply(BigDecimal.valueOf(2)))
        .isLessThanOrEqualTo(unit);
    assertThat(figure).isBetween(from, to);
    assertThat(figure.scale()).isEqualTo(from.scale()).isEqualTo(to.scale());
  }

  /** Two digits of the width, unless that is more than three behind the point. */
  @ParameterizedTest
  @CsvSource({
    "0.5, 0.25, 0.75, 0.50 (0.25 to 0.75)",
    "0.5, 0.4, 0.6, 0.50 (0.40 to 0.60)",
    "0.5, 0.46, 0.54, 0.500 (0.460 to 0.540)",
    "0.5, 0.4999, 0.5001, 0.500 (0.499 to 0.501)",
    "3, 1, 6, 3.0 (1.0 to 6.0)",
    "30, 10, 60, 30 (10 to 60)",
    "0.5, 0.5, 0.5, 0.50 (0.50 to 0.50)",
    "0, 0, 0, 0.000 (0.000 to 0.000)",
    "-0.001, -0.5, 0.5, 0.0 (−0.5 to 0.5)"
  })
  void digitsFollowTheWidth(double value, double low, double high, String expected) {
    assertThat(
            Numbers.of(OptionalDouble.of(value), new ConfidenceInterval(low, high, Estimate.LEVEL)))
        .isEqualTo(expected);
  }

  @Test
  void openEndsAreSaidInWords() {
    double none = Double.POSITIVE_INFINITY;
    OptionalDouble unknown = OptionalDouble.empty();
    ConfidenceInterval open = new ConfidenceInterval(-none, none, Estimate.LEVEL);

    assertThat(Numbers.of(unknown, open)).isEqualTo("not known (no interval)");
    assertThat(Numbers.of(OptionalDouble.of(0.25), open)).isEqualTo("0.25 (no interval)");
    assertThat(Numbers.of(unknown, new ConfidenceInterval(0.351, none, Estimate.LEVEL)))
        .isEqualTo("at least 0.35");
    assertThat(Numbers.of(unknown, new ConfidenceInterval(-none, 0.351, Estimate.LEVEL)))
        .isEqualTo("at most 0.36");
    assertThat(Numbers.of(OptionalDouble.of(1), new ConfidenceInterval(-none, 2, Estimate.LEVEL)))
        .isEqualTo("1.00 (no lower bound, 2.00)");
  }

  @Test
  void anEstimateWithoutAnIntervalIsItsPointAlone() {
    assertThat(Numbers.of(refused(OptionalDouble.of(0.25)))).isEqualTo("0.25");
    assertThat(Numbers.of(refused(OptionalDouble.empty()))).isEqualTo("–");
    assertThat(Numbers.of(refused(OptionalDouble.of(1)), Math::exp)).isEqualTo("2.72");
  }

  private static Estimate refused(OptionalDouble point) {
    return new Estimate.Refused(point, 2, "Too few networks.");
  }

  @ParameterizedTest
  @CsvSource({"0.5, 0.5", "0.05, 0.05", "45, 45", "1.2, 1.2", "-0.10, −0.1", "12.34, 12.3", "0, 0"})
  void aThresholdHasNoZerosAtItsEnd(double value, String expected) {
    assertThat(Numbers.threshold(value)).isEqualTo(expected);
  }
}
