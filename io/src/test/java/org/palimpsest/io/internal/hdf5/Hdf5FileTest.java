package org.palimpsest.io.internal.hdf5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.exceptions.HdfException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Hdf5FileTest {

  @TempDir private Path folder;

  /** Where a mapped file is cut off, Java fails with an error, at any later place. */
  @Test
  void aFileThatIsCutOffWhileItIsReadIsNotMapped() throws IOException {
    Path path = folder.resolve("a.h5");
    try (WritableHdfFile made = HdfFile.write(path)) {
      made.putDataset("numbers", new double[100_000]);
    }
    try (Hdf5File file = Hdf5File.open(path)) {
      Dataset numbers = file.getDatasetByPath("numbers");
      assertThat(file.getHdfBackingStorage().map(0, 8).isDirect()).isFalse();
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.truncate(Files.size(path) / 2);
      }
      assertThatThrownBy(() -> Hdf5Numbers.read(file, numbers, "numbers"))
          .isInstanceOf(HdfException.class)
          .hasStackTraceContaining("the file became shorter while it was read");
    }
  }
}
