package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.network.NetworkOptions;

/** HDF5 files that are not there to their end, or are not all there is, say so. */
class WholeHdf5FilesTest {

  private static final int END_IN_OLD_FORM = 40;
  private static final int DRIVER_IN_OLD_FORM = 48;
  private static final int COUNT = 300;

  @TempDir Path folder;

  /** A file that ends with one array of 300 integers in one piece. */
  private static byte[] sound(boolean modern, int userBlock) {
    Hdf5Writer measured = new Hdf5Writer(modern, userBlock, 0);
    array(measured, COUNT);
    Hdf5Writer writer = new Hdf5Writer(modern, userBlock, measured.size());
    return writer.bytes(array(writer, COUNT));
  }

  private static long array(Hdf5Writer writer, int kept) {
    byte[] content = new byte[Integer.BYTES * COUNT];
    for (int i = 0; i < content.length; i += Integer.BYTES) {
      content[i] = (byte) (i * 7);
    }
    byte[] space = Hdf5Writer.little(12).put(new byte[] {2, 1, 0, 1}).putLong(COUNT).array();
    ByteBuffer type = Hdf5Writer.little(12).put(new byte[] {0x10, 8, 0, 0}).putInt(4);
    ByteBuffer layout = Hdf5Writer.little(18).put((byte) 3).put((byte) 1);
    layout.putLong(writer.putNumbers(content)).putLong((long) Integer.BYTES * kept);
    long object =
        writer.object(
            List.of(
                new Hdf5Writer.Message(1, space),
                new Hdf5Writer.Message(3, type.putInt(32 << 16).array()),
                new Hdf5Writer.Message(8, layout.array())),
            false);
    return writer.group(List.of(Hdf5Writer.Link.hard("a", object)));
  }

  private Path written(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("file.h5"), bytes);
  }

  private void assertRefused(byte[] bytes, String why) throws IOException {
    Path file = written(bytes);
    assertThatThrownBy(() -> Dumps.open(file).get("a"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({"false,0", "true,0", "false,512", "true,2048"})
  void aWholeFileIsReadAndOneThatMissesBytesIsTruncated(boolean modern, int userBlock)
      throws IOException {
    byte[] sound = sound(modern, userBlock);
    INDArray values = Dumps.open(written(sound)).get("a").values();
    assertThat(values.length()).isEqualTo(COUNT);
    assertThat(values.getLong(1)).isEqualTo(28);

    assertRefused(Arrays.copyOf(sound, sound.length - 1), "truncated");
    assertRefused(Arrays.copyOf(sound, sound.length - 900), "truncated");
    byte[] longer = Arrays.copyOf(sound, sound.length + 100);
    assertThat(Dumps.open(written(longer)).get("a").values()).isEqualTo(values);
  }

  @Test
  void keepersOfNetworksRefuseATruncatedFileAsWell() throws IOException {
    byte[] sound = sound(false, 0);
    Path file = written(Arrays.copyOf(sound, sound.length - 8));

    assertThatThrownBy(() -> FrontEnds.of(file, NetworkOptions.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("truncated");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 900})
  void numbersBehindTheEndThatAFileTellsAreNotRead(int less) throws IOException {
    byte[] sound = sound(false, 0);
    ByteBuffer bytes = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(END_IN_OLD_FORM, sound.length - less);

    assertRefused(sound, "do not lie within the " + (sound.length - less));
  }

  @Test
  void numbersForWhichTheFileHasNoRoomAreNotRead() throws IOException {
    Hdf5Writer writer = new Hdf5Writer(true, 0, -1);

    assertRefused(writer.bytes(array(writer, COUNT - 1)), "1200 bytes, and 1196 are kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NCSAfami", "NCSAmult"})
  void oneOfSeveralFilesIsCalledSo(String driver) throws IOException {
    byte[] sound = sound(false, 0);
    ByteBuffer bytes =
        ByteBuffer.wrap(Arrays.copyOf(sound, sound.length + 64)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(DRIVER_IN_OLD_FORM, sound.length).putLong(END_IN_OLD_FORM, sound.length + 64L);
    bytes.position(sound.length + 8);
    bytes.put(driver.getBytes(StandardCharsets.US_ASCII));

    assertRefused(bytes.array(), "one of several files");
  }

  @Test
  void otherWidthsWritersThatDidNotCloseAndMovedFilesAreNamed() throws IOException {
    byte[] narrow = sound(true, 0);
    narrow[9] = 4;
    narrow[10] = 4;
    assertRefused(narrow, "H5Pset_sizes");

    byte[] open = sound(true, 0);
    open[8] = 3;
    open[11] = 1;
    assertRefused(open, "still written to");

    byte[] moved = Hdf5Writer.join(new byte[512], sound(false, 0));
    assertRefused(moved, "something was put or taken away");
  }
}
