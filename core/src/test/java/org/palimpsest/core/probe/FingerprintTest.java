package org.palimpsest.core.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;

class FingerprintTest {

  private static final INDArray PROBES = Nd4j.arange(24).castTo(DataType.FLOAT).reshape(4, 1, 2, 3);

  @Test
  void theSameNumbersInAnotherTypeOrMemoryOrderAreTheSameProbes() {
    Fingerprint expected = Fingerprint.of(PROBES);

    assertThat(Fingerprint.of(PROBES.castTo(DataType.DOUBLE))).isEqualTo(expected);
    assertThat(Fingerprint.of(PROBES.dup('f'))).isEqualTo(expected);
  }

  @Test
  void orderShapeAndValuesMatter() {
    Fingerprint original = Fingerprint.of(PROBES);
    INDArray reordered = Nd4j.pullRows(PROBES.reshape(4, 6), 1, new int[] {1, 0, 2, 3});
    INDArray changed = PROBES.dup();
    changed.putScalar(23, 0.999);

    assertThat(Fingerprint.of(reordered.reshape(4, 1, 2, 3))).isNotEqualTo(original);
    assertThat(Fingerprint.of(PROBES.reshape(4, 1, 3, 2))).isNotEqualTo(original);
    assertThat(Fingerprint.of(changed)).isNotEqualTo(original);
  }

  @Test
  void itCanBeTakenBatchByBatch() {
    Fingerprint.Digest digest = new Fingerprint.Digest(PROBES.shape());
    digest.add(PROBES.get(NDArrayIndex.interval(0, 3)));
    digest.add(PROBES.get(NDArrayIndex.interval(3, 4)));

    assertThat(digest.finish()).isEqualTo(Fingerprint.of(PROBES));
  }

  @Test
  void anUnknownFingerprintConflictsWithNothing() {
    Fingerprint known = Fingerprint.of(PROBES);

    assertThat(known.conflictsWith(Fingerprint.unknown())).isFalse();
    assertThat(Fingerprint.unknown().conflictsWith(known)).isFalse();
    assertThat(known.conflictsWith(Fingerprint.of(PROBES.mul(2)))).isTrue();
  }

  @Test
  void probesThatAreNotFiniteAreRefused() {
    INDArray broken = PROBES.dup();
    broken.putScalar(new int[] {2, 0, 0, 0}, Float.POSITIVE_INFINITY);

    assertThatThrownBy(() -> Probes.of(broken))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("Probe 2 holds Infinity");
  }

  @Test
  void aBatchIsACopyOfItsProbes() {
    Probes probes = Probes.of(PROBES);

    assertThat(probes.count()).isEqualTo(4);
    assertThat(probes.batch(1, 3)).isEqualTo(PROBES.get(NDArrayIndex.interval(1, 3)));
  }
}
