package org.palimpsest.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.Activations;
import org.palimpsest.core.representation.FeatureMaps;

/** Some of the probes are neither all of them nor others of them. */
class ProbeRangeTest {

  private static final Probes PROBES =
      Probes.of(Nd4j.arange(24).castTo(DataType.FLOAT).reshape(12, 2));

  private static ActivationSet answers(Probes probes) {
    return ActivationSet.of(
        Provenance.inMemory("a"),
        "a",
        List.of(new Activations("out", probes.batch(0, probes.count()), probes.fingerprint())));
  }

  @Test
  void rangesHaveFingerprintsOfTheirOwn() {
    Fingerprint first = PROBES.range(0, 6).fingerprint();

    assertThat(first).isEqualTo(PROBES.range(0, 6).fingerprint());
    assertThat(List.of(PROBES, PROBES.range(6, 12), PROBES.range(0, 7)))
        .allMatch(other -> first.conflictsWith(other.fingerprint()));
    assertThat(PROBES.range(0, 12).fingerprint()).isEqualTo(PROBES.fingerprint());
  }

  @Test
  void aRangeOfARangeIsARangeOfAll() {
    assertThat(PROBES.range(2, 10).range(1, 5).fingerprint())
        .isEqualTo(PROBES.range(3, 7).fingerprint());
    assertThat(PROBES.range(2, 10).range(1, 5).batch(0, 4)).isEqualTo(PROBES.batch(3, 7));
  }

  @Test
  void answersToDifferentRangesAreNotOfTheSameSamples() {
    FeatureMaps rule = FeatureMaps.positions();
    Activations first = answers(PROBES.range(0, 6)).get("out");
    Activations second = answers(PROBES.range(6, 12)).get("out");

    assertThatThrownBy(
            () -> rule.represent(first).info().requireSameSamples(rule.represent(second).info()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("different probes");
  }

  @ParameterizedTest
  @CsvSource({"0,5", "-1,1", "1,1", "2,3"})
  void probesBesideTheRangeAreRefused(long from, long to) {
    Probes two = PROBES.range(4, 6);

    assertThatThrownBy(() -> two.batch(from, to))
        .isInstanceOf(PalimpsestException.class)
        .hasMessage("There are no probes from %d to %d, of 2.".formatted(from, to));
    assertThatThrownBy(() -> two.range(from, to)).isInstanceOf(PalimpsestException.class);
  }
}
