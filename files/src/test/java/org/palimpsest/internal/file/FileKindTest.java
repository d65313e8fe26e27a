package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileKindTest {

  @TempDir Path folder;

  private FileKind kind(byte[] content) throws IOException {
    return FileKind.of(Files.write(folder.resolve("misleading.docx"), content));
  }

  private static byte[] zip(List<String> entries, String content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write(content.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return bytes.toByteArray();
  }

  @ParameterizedTest
  @CsvSource({
    "TORCHSCRIPT, m/data.pkl m/code/__torch__.py m/constants.pkl",
    "TORCH_CHECKPOINT, archive/data.pkl archive/data/0 archive/version",
    "DL4J, configuration.json coefficients.bin",
    "NPZ, enc1.npy deep/enc2.npy",
    "TORCHSCRIPT, m/data.pkl m/code/x.py",
    "TORCH_EXPORT, p/archive_format p/data.pkl",
    "TORCH_EXPORT, serialized_exported_program.json version",
    "KERAS_ARCHIVE, config.json metadata.json model.weights.h5",
    "ZIP, config.json metadata.json",
    "ZIP, readme.txt"
  })
  void archivesAreToldByTheirEntries(FileKind kind, String entries) throws IOException {
    byte[] archive = zip(List.of(entries.split(" ")), "ccollections\nOrderedDict\n");
    assertThat(kind(archive)).isEqualTo(kind);
    assertThat(kind(Arrays.copyOf(archive, archive.length - 30))).isEqualTo(FileKind.DAMAGED_ZIP);
  }

  /** PyTorch takes one or the other. */
  @ParameterizedTest
  @ValueSource(strings = {"a/data.pkl b/data.pkl", "a/data.pkl a/data/0 A/data/0"})
  void archivesThatToolsReadDifferentlyAreRefused(String entries) throws IOException {
    Path file = folder.resolve("model.pt");
    Files.write(file, zip(List.of(entries.split(" ")), "x"));
    assertThat(FileKind.of(file)).isEqualTo(FileKind.DAMAGED_ZIP);
    assertThat(FileKind.DAMAGED_ZIP.describe(file))
        .isEqualTo(
            "a damaged, truncated or harmful ZIP archive (two networks in it, or names that differ"
                + " in capitals alone)");
  }

  /** A file of torch.distributed.checkpoint is several archives, one behind the other. */
  @Test
  void severalArchivesOfPyTorchInOneFileAreTold() throws IOException {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    byte[] part = zip(List.of("archive/data.pkl", "archive/data/0"), "x".repeat(200));
    parts.write(part);
    assertThat(kind(parts.toByteArray())).isEqualTo(FileKind.TORCH_CHECKPOINT);
    parts.write(part);
    assertThat(kind(parts.toByteArray())).isEqualTo(FileKind.TORCH_DISTRIBUTED);
    ByteArrayOutputStream others = new ByteArrayOutputStream();
    others.write(part);
    others.write(zip(List.of("other.txt"), "x".repeat(200)));
    assertThat(kind(others.toByteArray())).isEqualTo(FileKind.DAMAGED_ZIP);
  }

  @Test
  void aFolderOfADistributedCheckpointIsTold() throws IOException {
    assertThat(FileKind.of(folder)).isEqualTo(FileKind.FOLDER);
    Files.write(folder.resolve(".metadata"), new byte[] {1});
    assertThat(FileKind.of(folder)).isEqualTo(FileKind.FOLDER);
    Files.write(folder.resolve("__0_0.distcp"), new byte[] {1});
    assertThat(FileKind.of(folder)).isEqualTo(FileKind.TORCH_DISTRIBUTED_FOLDER);
    assertThat(FileKind.of(folder).use()).contains("dcp_to_torch_save");
  }

  @Test
  void aPickledModuleIsToldFromAStateDict() throws IOException {
    String pickle = "ctorch.nn.modules.container\nSequential\n";
    assertThat(kind(zip(List.of("m/data.pkl"), pickle))).isEqualTo(FileKind.TORCH_MODULE);
  }

  @ParameterizedTest
  @CsvSource({
    "NPY, 934e554d50590100",
    "HDF5, 894844460d0a1a0a",
    "TORCH_LEGACY, 80028a0a6cfc9c46f9206aa850192e80024de9032e",
    "PICKLE, 80047d942e",
    "ONNX, 08071207707974 6f7263681a05322e302e30",
    "ONNX, 08631207707974 6f7263681a05322e302e30",
    "DAMAGED_ZIP, 504b0304",
    "TIFF, 49492a0008000000",
    "TIFF, 4d4d002b00080000",
    "BMP, 424d7600000000000000760000002800000001",
    "TEXT, 424d4120697320746865206e616d65",
    "GZIP, 1f8b0800000000000003",
    "PACKED, 28b52ffd00",
    "PICKLE, 80027d2e",
    "UNKNOWN, 80067d2e",
    "MATLAB, 0000000003000000040000000000000002000000 7800",
    "MATLAB, 000003e800000003000000040000000000000002 7800",
    "UNKNOWN, 0000000003000000040000000200000002000000 7800",
    "UNKNOWN, 0000000003000000040000000000000002000000 0078",
    "UNKNOWN, 08000000000000000000000000000000000000",
    "UNKNOWN, 00010203"
  })
  void firstBytesTell(FileKind kind, String bytes) throws IOException {
    assertThat(kind(HexFormat.of().parseHex(bytes.replace(" ", "")))).isEqualTo(kind);
  }

  /** As SciPy 1.15, SimpleITK 2.5 and MATLAB begin such files. */
  @ParameterizedTest
  @CsvSource({
    "NRRD, NRRD0004",
    "META_IMAGE, ObjectType = Image",
    "MATLAB, 'MATLAB 5.0 MAT-file Platform: posix, Created on: Mon Nov 30 05:00:00 2026'"
  })
  void formatsOfOthersAreToldAndWhatToDo(FileKind kind, String start) throws IOException {
    assertThat(kind((start + "\n").getBytes(StandardCharsets.US_ASCII))).isEqualTo(kind);
    assertThat(kind.use()).contains("save it");
  }

  @ParameterizedTest
  @EnumSource(names = {"PNG", "GIF", "JPEG", "TIFF"})
  void imagesOfTheJdkAreTold(FileKind kind) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageIO.write(image, kind.name(), bytes)).isTrue();
    assertThat(kind(bytes.toByteArray())).isEqualTo(kind);
    assertThat(kind.isImage()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"348, 344, n+1", "348, 344, ni1", "540, 4, n+2"})
  void volumesAreToldPackedOrNot(int size, int at, String magic) throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      ByteBuffer header = ByteBuffer.allocate(600).order(order).putInt(size);
      header.position(at).put(magic.getBytes(StandardCharsets.US_ASCII));
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream gzip = new GZIPOutputStream(packed)) {
        gzip.write(header.array());
      }
      assertThat(kind(header.array())).isEqualTo(FileKind.NIFTI);
      assertThat(kind(packed.toByteArray())).isEqualTo(FileKind.NIFTI);
    }
  }

  @Test
  void safetensorsAreToldByTheirHeader() throws IOException {
    byte[] json = "{\"__metadata__\":{}}".getBytes(StandardCharsets.US_ASCII);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN).putLong(json.length);
    file.put(json);
    assertThat(kind(file.array())).isEqualTo(FileKind.SAFETENSORS);
  }

  @Test
  void textInAnyLanguageIsTextAlsoWhenCutInsideACharacter() throws IOException {
    assertThat(kind("step,dice\n0,0.1\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(FileKind.TEXT);
    for (int shift = 0; shift < 4; shift++) {
      String text = "x".repeat(shift) + "ünïcödé→".repeat(1000);
      assertThat(kind(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(FileKind.TEXT);
    }
  }

  @Test
  void emptyFilesFoldersAndMissingFilesAreTold() throws IOException {
    assertThat(kind(new byte[0])).isEqualTo(FileKind.EMPTY);
    assertThat(FileKind.of(folder)).isEqualTo(FileKind.FOLDER);
    assertThatThrownBy(() -> FileKind.of(folder.resolve("none.pt")))
        .hasMessageEndingWith("none.pt does not exist.");
  }

  @Test
  void whatStandsInThePlaceOfAFileIsCalledByItsName(@TempDir Path place) throws IOException {
    Path file = place.resolve("model.pt");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    assertThat(FileKind.of(file)).isEqualTo(FileKind.GIT_LFS);
    assertThatThrownBy(() -> InputFiles.require(file)).hasMessageContaining("git lfs pull");
    for (String page :
        List.of("<!DOCTYPE html><p>", " <!-- x --><HTML>", "<?xml version='1'?><html>")) {
      Files.writeString(file, page);
      assertThat(FileKind.of(file)).as(page).isEqualTo(FileKind.HTML);
      assertThatThrownBy(() -> InputFiles.require(file)).hasMessageContaining("HTML page");
    }
    Files.writeString(file, "{\"a\": \"<html>\"}");
    assertThat(FileKind.of(file)).isEqualTo(FileKind.TEXT);
    Files.write(file, new byte[] {0x37, 0x7a, (byte) 0xbc, (byte) 0xaf, 0x27, 0x1c, 0, 4});
    assertThat(FileKind.of(file)).isEqualTo(FileKind.SEVEN_ZIP);
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    Files.write(file, tar);
    assertThat(FileKind.of(file)).isEqualTo(FileKind.TAR);
  }

  @ParameterizedTest
  @CsvSource({"v.hdr, v.img, n", "v.hdr, v.img, a", "v.hdr.gz, v.img.gz, n"})
  void theVoxelsBesideAHeaderAreAPartOfAVolume(String header, String voxels, String magic)
      throws IOException {
    byte[] start = ByteBuffer.allocate(348).putInt(348).put(344, (byte) 'n').array();
    start[345] = 'i';
    start[346] = '1';
    start[344] = (byte) magic.charAt(0);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(start);
    }
    Path img = Files.write(folder.resolve(voxels), new byte[64]);
    assertThat(FileKind.of(img)).isNotEqualTo(FileKind.VOLUME_PART);

    Path hdr = folder.resolve(header);
    Files.write(hdr, header.endsWith(".gz") ? packed.toByteArray() : start);
    assertThat(FileKind.of(img)).isEqualTo(FileKind.VOLUME_PART);
    assertThat(FileKind.of(hdr))
        .isEqualTo(magic.equals("a") ? FileKind.VOLUME_PART : FileKind.NIFTI);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aVolumeThatLostItsMarkIsCalledSo(boolean packed) throws IOException {
    byte[] volume = ByteBuffer.allocate(400).putInt(348).putShort(40, (short) 3).array();
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzip)) {
      out.write(volume);
    }
    Path file = folder.resolve("lost.nii");
    Files.write(file, packed ? gzip.toByteArray() : volume);
    assertThat(FileKind.of(file)).isEqualTo(FileKind.UNMARKED_VOLUME);
    volume[41] = 8;
    Files.write(file, volume);
    assertThat(FileKind.of(file)).isEqualTo(FileKind.UNKNOWN);
  }
}
