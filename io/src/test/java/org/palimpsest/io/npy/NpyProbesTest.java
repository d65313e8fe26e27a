package org.palimpsest.io.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.probe.Probes;

class NpyProbesTest {

  @TempDir Path folder;

  @Test
  void fortranOrderIsReadRowByRowToo() {
    Fixtures.unpackArrays(folder);
    Path file = folder.resolve("fortran_2345.npy");
    Probes onDisk = NpyProbes.open(file);
    Probes inMemory = Probes.of(NpyFile.read(file));
    assertThat(onDisk.fingerprint()).isEqualTo(inMemory.fingerprint());
    assertThat(onDisk.batch(1, 2)).isEqualTo(inMemory.batch(1, 2));
    assertThat(onDisk.batch(0, 2)).isEqualTo(inMemory.batch(0, 2));
  }

  @Test
  void aProbeThatIsNotFiniteIsNamed() {
    Path file = folder.resolve("bad.npy");
    NpyFile.write(file, Nd4j.create(new double[][] {{1, 2}, {3, 4}, {5, Double.NaN}}));
    assertThatThrownBy(() -> NpyProbes.open(file))
        .hasMessageContaining("bad.npy: probe 2 holds NaN");
  }

  @Test
  void probesNeedSamplesFirst() {
    Path file = folder.resolve("flat.npy");
    NpyFile.write(file, Nd4j.create(new double[] {1, 2, 3}));
    assertThatThrownBy(() -> NpyProbes.open(file)).hasMessageContaining("shape [3]");
  }
}
