package org.palimpsest.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;

/** Probes at the door of the library: what is taken, what is refused. */
class ProbesTest {

  private static INDArray numbered(long... shape) {
    long length = 1;
    for (long extent : shape) {
      length *= extent;
    }
    return Nd4j.arange((double) length).castTo(DataType.FLOAT).reshape('c', shape);
  }

  @Property(tries = 40)
  void batchesThatFollowEachOtherAreAllProbes(
      @ForAll @IntRange(min = 1, max = 7) int count,
      @ForAll @IntRange(min = 1, max = 7) int atOnce) {
    Probes probes = Probes.of(numbered(count, 2, 3));
    Fingerprint.Digest digest = new Fingerprint.Digest(probes.shape());
    long rows = 0;
    for (long from = 0; from < count; from += atOnce) {
      INDArray batch = probes.batch(from, Math.min(from + atOnce, count));
      rows += batch.size(0);
      digest.add(batch);
    }

    assertThat(rows).isEqualTo(count);
    assertThat(digest.finish()).isEqualTo(probes.fingerprint());
    assertThat(probes.wholeFingerprint()).isEqualTo(probes.fingerprint());
  }

  @ParameterizedTest
  @CsvSource({"-1, 2", "0, 0", "2, 1", "0, 6", "5, 6"})
  void probesThatAreNotThereAreRefused(long from, long to) {
    Probes five = Probes.of(numbered(5, 2));

    assertThatThrownBy(() -> five.batch(from, to))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("There are no probes from %d to %d, of 5.".formatted(from, to));
    assertThatThrownBy(() -> five.range(from, to)).isInstanceOf(PalimpsestException.class);
  }

  @Test
  void aBatchIsACopy() {
    Probes probes = Probes.of(numbered(3, 2));
    probes.batch(0, 3).muli(100);

    assertThat(probes.batch(2, 3).getDouble(0, 1)).isEqualTo(5);
    assertThat(Fingerprint.of(probes.batch(0, 3))).isEqualTo(probes.fingerprint());
  }

  @Test
  void oneProbeIsEnough() {
    Probes one = Probes.of(numbered(1, 1, 4, 4));

    assertThat(one.count()).isEqualTo(1);
    assertThat(one.batch(0, 1).shape()).containsExactly(1, 1, 4, 4);
    assertThat(one.range(0, 1)).isSameAs(one);
  }

  @Test
  void whatHasNoSamplesFirstIsRefused() {
    for (INDArray wrong : List.of(Nd4j.scalar(1.0), Nd4j.ones(4), Nd4j.empty(DataType.FLOAT))) {
      assertThatThrownBy(() -> Probes.of(wrong))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("at least one sample");
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void theFirstProbeThatIsNotFiniteIsNamed(double value) {
    INDArray inputs = numbered(4, 1, 2, 2).castTo(DataType.DOUBLE);
    inputs.putScalar(new int[] {3, 0, 0, 0}, Double.NaN);
    inputs.putScalar(new int[] {1, 0, 1, 1}, value);

    assertThatThrownBy(() -> Probes.of(inputs))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Probe 1 holds " + value);
  }

  @Test
  void integersAreProbesToo() {
    INDArray bytes = Nd4j.createFromArray(new int[][] {{0, 255}, {7, 8}}).castTo(DataType.UINT8);

    assertThat(Probes.of(bytes).fingerprint())
        .isEqualTo(Probes.of(bytes.castTo(DataType.DOUBLE)).fingerprint());
  }

  /** SHA-256 by Python's hashlib: struct.pack('>2q4d', 2, 2, 1.0, -2.0, 0.5, 1e300). */
  @Test
  void aFingerprintIsTheHashOfShapeAndValues() {
    assertThat(Fingerprint.of(Nd4j.createFromArray(new double[][] {{1, -2}, {0.5, 1e300}})).value())
        .isEqualTo("1ff429631347cd6b15ad52a0b646833da5213012db1c0998df5c69da79cd024c");
  }

  @Test
  void aRangeOfARangeKeepsTheFingerprintOfTheWhole() {
    Probes probes = Probes.of(numbered(6, 2));
    Probes part = probes.range(1, 5).range(1, 3);

    assertThat(part.count()).isEqualTo(2);
    assertThat(part.shape()).containsExactly(2, 2);
    assertThat(part.wholeFingerprint()).isEqualTo(probes.fingerprint());
    assertThat(part.fingerprint()).isNotEqualTo(probes.fingerprint());
    assertThat(probes.shape()).containsExactly(6, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "0", " ", "unknown"})
  void whatIsNoHashIsNoFingerprint(String value) {
    assertThatThrownBy(() -> new Fingerprint(value))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'" + value + "'");
  }

  @Test
  void aHashOfAnotherLengthOrCaseIsNoFingerprint() {
    for (String value : List.of("a".repeat(63), "a".repeat(65), "A".repeat(64), "g".repeat(64))) {
      assertThatThrownBy(() -> new Fingerprint(value)).isInstanceOf(PalimpsestException.class);
    }
    assertThat(new Fingerprint("a".repeat(64))).hasToString("aaaaaaaaaaaa");
    assertThat(new Fingerprint("")).isEqualTo(Fingerprint.unknown()).hasToString("unknown");
  }
}
