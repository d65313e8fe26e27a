package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.spark.ShardedComparison.OpenedProbes;

/** A process that is kept sees that a file of probes has become another. */
class OpenedProbesTest {

  private static final INDArray FIRST = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}});
  private static final INDArray SECOND = Nd4j.createFromArray(new float[][] {{5, 6}, {7, 8}});

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeFirst() {
    file = folder.resolve("probes.npy");
    NpyFile.write(file, FIRST);
  }

  @Test
  void whatStaysAsItWasIsOpenedOnce() {
    Probes opened = OpenedProbes.of(file, Fingerprint.of(FIRST));

    assertThat(OpenedProbes.of(file, Fingerprint.of(FIRST))).isSameAs(opened);
  }

  @Test
  void otherProbesUnderTheSamePathAreOpenedAnew() {
    OpenedProbes.of(file, Fingerprint.of(FIRST));
    NpyFile.write(file, SECOND);

    assertThat(OpenedProbes.of(file, Fingerprint.of(SECOND)).batch(0, 2)).isEqualTo(SECOND);
  }

  @Test
  void theSameProbesWrittenAgainAreRead() {
    OpenedProbes.of(file, Fingerprint.of(FIRST));
    NpyFile.write(file, SECOND);
    NpyFile.write(file, FIRST);

    assertThat(OpenedProbes.of(file, Fingerprint.of(FIRST)).batch(0, 2)).isEqualTo(FIRST);
  }

  @Test
  void othersThanTheDriversAreRefusedUntilTheyAreThere() {
    Fingerprint wanted = Fingerprint.of(SECOND);
    assertThatThrownBy(() -> OpenedProbes.of(file, wanted))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(
            "probes.npy holds other probes", Fingerprint.of(FIRST).toString(), wanted.toString());
    NpyFile.write(file, SECOND);

    assertThat(OpenedProbes.of(file, wanted).fingerprint()).isEqualTo(wanted);
  }
}
