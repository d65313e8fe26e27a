package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.hadoop.fs.FSError;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

class SharedFolderTest {

  private static final byte[] CONTENT = "a layer".getBytes(StandardCharsets.UTF_8);

  private static JavaSparkContext spark;

  @TempDir private Path place;
  private SharedFolder folder;

  @BeforeAll
  static void begin() {
    spark = SparkSettings.named("test").at("local[1]").start();
  }

  @AfterAll
  static void end() {
    spark.stop();
  }

  @BeforeEach
  void open() {
    folder = SharedFolder.open(SharedFolder.uriOf(place.resolve("seen by all, 100%")));
  }

  private static byte[] read(SharedFolder from) {
    return from.read("x", (in, bytes) -> in.readNBytes((int) bytes));
  }

  @Test
  void whatIsWrittenIsReadByWhoeverOpensItsName() {
    folder.write("x", out -> out.write(CONTENT));

    assertThat(read(SharedFolder.open(folder.toString()))).isEqualTo(CONTENT);
    assertThat(place.resolve("seen by all, 100%/x")).hasBinaryContent(CONTENT);
  }

  @Test
  void aRelativeFolderBeginsWhereThisProcessRuns() {
    assertThat(SharedFolder.open("some folder"))
        .hasToString("file:" + Path.of("some folder").toAbsolutePath());
  }

  @Test
  void theFirstToWriteStays() {
    folder.write("x", out -> out.write(CONTENT));
    folder.write("x", out -> out.write(1));

    assertThat(read(folder)).isEqualTo(CONTENT);
  }

  /** Hadoop says so by an error. */
  @Test
  void aFullDiskIsTheFoldersFaultAndLeavesNothingHalfWritten() throws ReflectiveOperationException {
    Constructor<FSError> error = FSError.class.getDeclaredConstructor(Throwable.class);
    error.setAccessible(true);
    FSError full = error.newInstance(new IOException("No space left on device"));
    assertThatThrownBy(
            () ->
                folder.write(
                    "x",
                    out -> {
                      throw full;
                    }))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("/x cannot be written", "No space left", "is there room?");
    assertThat(folder.names()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsNamed() {
    assertThatThrownBy(() -> read(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("/x cannot be read");
  }

  @Test
  void aFileSystemThatNobodyKnowsIsRefused() {
    assertThatThrownBy(() -> SharedFolder.open("nosuch://host/x"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("nosuch://host/x", "--shared");
  }
}
