package org.palimpsest.io.npy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.probe.Probes;

class NpyRoundTripTest {

  @Property(tries = 60)
  void whatIsWrittenIsRead(
      @ForAll @Size(min = 1, max = 5) int[] seeds, @ForAll boolean single, @ForAll boolean fortran)
      throws IOException {
    long[] shape = new long[seeds.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = 1 + Math.floorMod(seeds[i], 5);
    }
    DataType type = single ? DataType.FLOAT : DataType.DOUBLE;
    INDArray tensor = Nd4j.randn(type, shape).dup(fortran ? 'f' : 'c');
    Path file = Files.createTempFile("palimpsest", ".npy");
    try {
      NpyFile.write(file, tensor);
      INDArray read = NpyFile.read(file);
      assertThat(read.dataType()).isEqualTo(type);
      assertThat(read.shape()).isEqualTo(shape);
      assertThat(read.data().asDouble()).containsExactly(tensor.dup('c').data().asDouble());
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 40)
  void probesInAFileAreTheSameAsInMemory(
      @ForAll @IntRange(min = 1, max = 9) int samples,
      @ForAll @IntRange(min = 1, max = 5) int features,
      @ForAll @IntRange(min = 0, max = 8) int from)
      throws IOException {
    INDArray inputs = Nd4j.randn(DataType.FLOAT, samples, features, 2, 3);
    Path file = Files.createTempFile("palimpsest", ".npy");
    try {
      NpyFile.write(file, inputs);
      Probes onDisk = NpyProbes.open(file);
      Probes inMemory = Probes.of(inputs);
      int first = Math.min(from, samples - 1);
      assertThat(onDisk.fingerprint()).isEqualTo(inMemory.fingerprint());
      assertThat(onDisk.count()).isEqualTo(samples);
      assertThat(onDisk.shape()).isEqualTo(inMemory.shape());
      assertThat(onDisk.batch(first, samples)).isEqualTo(inMemory.batch(first, samples));
    } finally {
      Files.delete(file);
    }
  }
}
