package org.palimpsest.io.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.internal.binary.HalfPrecision;
import org.palimpsest.io.internal.dump.Hdf5Listing;
import org.palimpsest.io.npy.NpyFile;

class DumpsTest {

  @TempDir Path folder;

  private static Path hdf5() throws URISyntaxException {
    return hdf5("activations.h5");
  }

  private static Path hdf5(String name) throws URISyntaxException {
    return Path.of(DumpsTest.class.getResource("/hdf5/" + name).toURI());
  }

  @Test
  void floatsAreReadByTheirLayoutOrRefused() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("layouts.h5"));
    assertThat(activations.get("bfloat16").values())
        .isEqualTo(Nd4j.arange(1, 13).castTo(DataType.FLOAT).reshape(4, 3).mul(1.5));
    assertThat(activations.get("great").values().getDouble(0)).isEqualTo(0x1p63 + 2048);
    for (String odd : new String[] {"biased", "twelve_bits"}) {
      assertThatThrownBy(() -> activations.get(odd))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("Dataset '" + odd + "'")
          .hasMessageNotContaining("FloatLayout")
          .hasMessageContaining("layouts that are read");
    }
  }

  @Test
  void aDumpIsNoNetwork() throws URISyntaxException {
    Path file = hdf5();
    assertThatThrownBy(() -> Inputs.network(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("holds activations, not a network");
  }

  @Test
  void everyFloat16KeepsItsBits() throws URISyntaxException {
    INDArray halves = Dumps.open(hdf5("layouts.h5")).get("half").values();
    for (int bits = 0; bits < 0x7c00; bits++) {
      float value = halves.getFloat(bits / 31, bits % 31);
      assertThat(value).isEqualTo(HalfPrecision.toFloat((short) bits));
      assertThat(HalfPrecision.toBits(value)).isEqualTo((short) bits);
    }
  }

  @Test
  void aDatasetOfTwoNamesIsListedUnderBoth() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("layouts.h5"));
    assertThat(activations.layers()).contains("alias", "inner/one");
    assertThat(activations.provenance().notes())
        .contains("'alias' and 'inner/one' are two names of the same thing");
    assertThat(Hdf5Listing.read(hdf5("layouts.h5")).arrays())
        .contains(new Hdf5Listing.StoredArray("inner/one", List.of(4L, 3L), "float32"));
  }

  @Test
  void arraysOfMatlabHaveTheExtentsThatItShows() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("matlab.h5"));
    assertThat(activations.layers()).containsExactly("fc");
    assertThat(activations.get("fc").values())
        .isEqualTo(Nd4j.arange(300).castTo(DataType.DOUBLE).reshape(50, 6));
    assertThat(activations.provenance().notes()).contains("left out: label (MATLAB's char)");
  }

  /** Written by h5py; see io/src/test/python/make_hdf5_fixtures.py. */
  @Test
  void datasetsOfHdf5AreLayersByTheirPaths() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5());
    assertThat(activations.layers())
        .containsExactlyInAnyOrder(
            "enc1", "decoder/block/conv", "decoder/block/packed", "decoder/block/bytes");
    assertThat(activations.get("enc1").values())
        .isEqualTo(Nd4j.arange(24).castTo(DataType.FLOAT).reshape(4, 2, 3, 1));
    assertThat(activations.get("decoder/block/conv").values())
        .isEqualTo(Nd4j.arange(8).castTo(DataType.DOUBLE).reshape(4, 2));
    assertThat(activations.get("decoder/block/packed").values())
        .isEqualTo(Nd4j.arange(400).castTo(DataType.DOUBLE).reshape(4, 100));
    assertThat(activations.get("decoder/block/bytes").values().getDouble(0, 1)).isEqualTo(255);
    assertThatThrownBy(() -> activations.get("alias")).hasMessageContaining("No layer matches");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunks.h5", "chunks_latest.h5", "indexes.h5"})
  void chunksAreJoinedAsHdf5JoinsThem(String file) throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5(file));
    List<String> stored =
        activations.layers().stream().filter(name -> name.startsWith("stored/")).toList();
    assertThat(stored).hasSizeGreaterThanOrEqualTo(11);
    for (String name : stored) {
      assertThat(activations.get(name).values().castTo(DataType.FLOAT))
          .as(name)
          .isEqualTo(activations.get(name.replace("stored", "right")).values());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chunks.h5", "chunks_latest.h5"})
  void aWrongChecksumOfAChunkIsDamage(String file) throws IOException, URISyntaxException {
    byte[] bytes = Files.readAllBytes(hdf5(file));
    byte[] value = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0.37f).array();
    for (int at = 0; at + 4 < bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + 4, value, 0, 4)) {
        bytes[at] ^= 1;
      }
    }
    Path damaged = Files.write(folder.resolve("damaged.h5"), bytes);
    assertThatThrownBy(() -> Dumps.open(damaged).get("stored/checked"))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("stored/checked")
        .hasMessageContaining("checksum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"odd.h5", "odd_latest.h5"})
  void whatIsNoArrayOfNumbersIsLeftOutByItsReason(String file) throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5(file));
    assertThat(activations.layers()).containsExactlyInAnyOrder("good", "scaled", "inner/deep");
    assertThat(activations.get("good").values())
        .isEqualTo(Nd4j.arange(12).castTo(DataType.FLOAT).reshape(4, 3));
    assertThat(activations.get("inner/deep").values().size(1)).isEqualTo(2);
    assertThat(String.join("; ", activations.provenance().notes()))
        .contains("epoch (a single value)")
        .contains("named (of a committed (named) type)")
        .contains("never (never written)")
        .contains("lists (no numbers but arrays as elements)")
        .contains("virtual (Virtual storage is not supported)")
        .contains("flags (")
        .contains("region (")
        .contains("given as stored, not by their scale_factor and add_offset: scaled");
  }

  @ParameterizedTest
  @ValueSource(strings = {"names_few.h5", "names_many.h5"})
  void namesAreUtf8WhateverTheFileSaysOfThem(String file) throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5(file));
    assertThat(activations.layers()).contains("q\u03b1", "q\u03b2", "g\u03b3/\u03b4");
    assertThat(activations.layers()).hasSize(file.contains("few") ? 3 : 23);
    assertThat(activations.get("q\u03b1").values().getDouble(0)).isEqualTo(1);
    assertThat(activations.get("q\u03b2").values().getDouble(0)).isEqualTo(2);
    assertThat(activations.get("g\u03b3/\u03b4").values().getDouble(0)).isEqualTo(3);
  }

  @Test
  void namesThatAreNotUtf8AreRefused() throws URISyntaxException {
    Path latin = hdf5("latin.h5");
    assertThatThrownBy(() -> Dumps.open(latin))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("not UTF-8 (71 e9)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB"})
  void anIndexOfChunksWithAWrongChecksumIsDamage(String block) throws Exception {
    byte[] bytes = Files.readAllBytes(hdf5("indexes.h5"));
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (int at = text.indexOf(block); at >= 0; at = text.indexOf(block, at + 1)) {
      bytes[at + 9] ^= 1;
    }
    ActivationSet damaged = Dumps.open(Files.write(folder.resolve("damaged.h5"), bytes));
    String layer = block.startsWith("F") ? "stored/fixed" : "stored/growing_blocks";
    assertThatThrownBy(() -> damaged.get(layer))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(layer)
        .hasMessageContaining("damaged.h5")
        .hasMessageContaining("index of chunks");
  }

  @Test
  void whatIsWrittenWithAnUnknownFilterIsLeftOutByItsName() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("filters.h5"));
    assertThat(activations.layers()).containsExactlyInAnyOrder("good", "packed", "truth");
    assertThat(activations.get("good").values().getDouble(31)).isEqualTo(31);
    assertThat(String.join("; ", activations.provenance().notes()))
        .contains("szip (written with the filter 'szip' (4), which is not read: save it with gzip")
        .contains("scaled (written with the filter 'scaleoffset' (6)")
        .contains("nbit (written with the filter 'nbit' (5)")
        .contains("outside (kept in other files")
        .contains("kinds (no numbers but names of an enumeration)");
    Path newer = hdf5("newer.h5");
    assertThatThrownBy(() -> Dumps.open(newer))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("newer (")
        .hasMessageContaining("libver='v110'");
  }

  /** jHDF has filters of its own for some of them, of which one gives other numbers. */
  @Test
  void filtersOfPlugInsAreLeftOutByTheirNames() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("plugins.h5"));
    assertThat(activations.layers()).containsExactly("good");
    assertThat(String.join("; ", activations.provenance().notes()))
        .contains("bitshuffle (written with the filter 'bitshuffle", "(32008), which is not read")
        .contains("lz4 (written with the filter", "(32004)", "(32015)", "(32001)");
  }

  @Test
  void truthValuesAreZeroAndOne() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("filters.h5"));
    for (int i = 0; i < 32; i++) {
      assertThat(activations.get("truth").values().getDouble(i)).isEqualTo(i > 3 ? 1 : 0);
      assertThat(activations.get("packed").values().getDouble(i)).isEqualTo(i > 5 ? 1 : 0);
    }
  }

  @Test
  void whatMatlabKeepsInAFunctionHandleIsNoLayer() throws URISyntaxException {
    ActivationSet activations = Dumps.open(hdf5("handle.h5"));
    assertThat(activations.layers()).containsExactlyInAnyOrder("fc", "table/inner");
    assertThat(String.join("; ", activations.provenance().notes()))
        .contains("word (MATLAB's char)");
  }

  @Test
  void truncatedHdf5IsRefused() throws IOException, URISyntaxException {
    byte[] whole = Files.readAllBytes(hdf5());
    for (int length = 16; length < whole.length; length += 997) {
      Path cut = Files.write(folder.resolve("cut.h5"), Arrays.copyOf(whole, length));
      assertThatThrownBy(
              () -> {
                ActivationSet activations = Dumps.open(cut);
                activations.layers().forEach(activations::get);
              })
          .as("first %d bytes", length)
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("cut.h5");
    }
  }

  @Test
  void aFolderOfArraysIsOneLayerPerFileInTheOrderOfNames() throws IOException {
    NpyFile.write(folder.resolve("b.npy"), Nd4j.ones(DataType.FLOAT, 3, 2));
    NpyFile.write(folder.resolve("a.conv.npy"), Nd4j.zeros(DataType.FLOAT, 3, 4));
    Files.writeString(folder.resolve("readme.txt"), "not an array");
    ActivationSet activations = Dumps.open(folder);
    assertThat(activations.layers()).containsExactly("a.conv", "b");
    assertThat(activations.get("a.conv").values().size(1)).isEqualTo(4);
    assertThat(activations.provenance().sha256()).hasSize(64);
  }

  @Test
  void whatHoldsNoActivationsIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("x.npy"), "step,dice\n");
    assertThatThrownBy(() -> Dumps.open(text)).hasMessageContaining("is plain text");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Dumps.open(empty)).hasMessageContaining("no .npy file");
  }

  /** So that a file which cannot be read is refused before all of it was hashed. */
  @Test
  void aFileIsHashedWhenItsOriginIsAskedForAndMustBeAsItWasRead() throws IOException {
    INDArray values = Nd4j.arange(6).castTo(DataType.FLOAT).reshape(3, 2);
    Path npy = folder.resolve("a.npy");
    NpyFile.write(npy, values);
    Path npz = folder.resolve("a.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(npz))) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(Files.readAllBytes(npy));
    }
    Path safetensors = folder.resolve("a.safetensors");
    String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]}}";
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 24).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.UTF_8));
    Files.write(safetensors, bytes.array());
    for (Path file : List.of(npy, npz, safetensors)) {
      requireLateHash(file, file);
    }
    NpyFile.write(npy, values);
    requireLateHash(folder, npy);
  }

  private static void requireLateHash(Path dump, Path changed) throws IOException {
    ActivationSet asItWas = Dumps.open(dump);
    asItWas.get("a");
    assertThat(asItWas.provenance().sha256()).hasSize(64);
    ActivationSet read = Dumps.open(dump);
    read.get("a");
    Files.write(changed, new byte[1], StandardOpenOption.APPEND);
    assertThatThrownBy(read::provenance).hasMessageContaining("changed while it was read");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "version https://git-lfs.github.com/spec/v1\noid", "NUMPY", "\u0000"})
  void aFileInAFolderOfArraysThatIsNoArrayIsNamed(String content) throws IOException {
    NpyFile.write(folder.resolve("a.npy"), Nd4j.ones(DataType.FLOAT, 3, 2));
    Files.writeString(folder.resolve("b.npy"), content);
    assertThatThrownBy(() -> Dumps.open(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("b.npy is named like an array and is ");
  }

  @Test
  void whatIsNamedLikeAnArrayInAFolderAndIsNoFileIsNamed() throws IOException {
    NpyFile.write(folder.resolve("a.npy"), Nd4j.ones(DataType.FLOAT, 3, 2));
    Files.createSymbolicLink(folder.resolve("b.npy"), folder.resolve("nowhere"));
    assertThatThrownBy(() -> Dumps.open(folder)).hasMessageContaining("a link to nothing");
    Files.delete(folder.resolve("b.npy"));
    Files.createDirectory(folder.resolve("c.npy"));
    assertThatThrownBy(() -> Dumps.open(folder)).hasMessageContaining("no regular file");
  }

  @Test
  void arraysUnderOtherNamesInAFolderAreNamedAndNotInItsHash() throws IOException {
    NpyFile.write(folder.resolve("a.npy"), Nd4j.ones(DataType.FLOAT, 3, 2));
    String alone = Dumps.open(folder).provenance().sha256();
    Files.copy(folder.resolve("a.npy"), folder.resolve("C.NPY"));
    Files.copy(folder.resolve("a.npy"), folder.resolve(".h.npy"));
    ActivationSet activations = Dumps.open(folder);
    assertThat(activations.layers()).containsExactly("a");
    assertThat(activations.provenance().sha256()).isEqualTo(alone);
    assertThat(activations.provenance().notes())
        .containsExactly(
            "arrays whose names do not end with .npy, or begin with a dot, left out: .h.npy, C.NPY");
  }

  @Test
  void matlabsMarkOfAnEmptyArrayCountsWhereItIsSet() {
    Path path = folder.resolve("marks.h5");
    try (WritableHdfFile file = HdfFile.write(path)) {
      file.putDataset("empty", new double[][] {{0, 3}}).putAttribute("MATLAB_empty", 1);
      file.putDataset("full", new double[][] {{0, 3}}).putAttribute("MATLAB_empty", 0);
    }

    ActivationSet found = Dumps.open(path);

    assertThat(found.layers()).containsExactly("full");
    assertThat(found.provenance().notes()).contains("left out: empty (empty)");
  }
}
