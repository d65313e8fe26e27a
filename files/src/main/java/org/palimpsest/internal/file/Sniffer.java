package org.palimpsest.internal.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Tells a file's kind from its first bytes. */
final class Sniffer {

  private record Signature(FileKind kind, byte[] start) {
    static Signature hex(FileKind kind, String start) {
      return new Signature(kind, HexFormat.of().parseHex(start));
    }

    static Signature ascii(FileKind kind, String start) {
      return new Signature(kind, start.getBytes(StandardCharsets.US_ASCII));
    }
  }

  private static final int HEAD = 4096;
  private static final int NIFTI1_HEADER = 348;
  private static final int NIFTI2_HEADER = 540;

  private static final List<Signature> SIGNATURES =
      List.of(
          Signature.hex(FileKind.NPY, "934e554d5059"),
          Signature.hex(FileKind.HDF5, "894844460d0a1a0a"),
          Signature.ascii(FileKind.TORCH_LEGACY, "L119547037146038801333356L\n."),
          Signature.hex(FileKind.TORCH_LEGACY, "80028a0a6cfc9c46f9206aa850192e"),
          Signature.hex(FileKind.TORCH_LEGACY, "80038a0a6cfc9c46f9206aa850192e"),
          Signature.hex(FileKind.TORCH_LEGACY, "8004950d000000000000008a0a6cfc9c46f9206aa850192e"),
          Signature.hex(FileKind.TORCH_LEGACY, "8005950d000000000000008a0a6cfc9c46f9206aa850192e"),
          Signature.hex(FileKind.PNG, "89504e470d0a1a0a"),
          Signature.hex(FileKind.TIFF, "49492a00"),
          Signature.hex(FileKind.TIFF, "4d4d002a"),
          Signature.hex(FileKind.TIFF, "49492b00"),
          Signature.hex(FileKind.TIFF, "4d4d002b"),
          Signature.hex(FileKind.GIF, "474946383761"),
          Signature.hex(FileKind.GIF, "474946383961"),
          Signature.hex(FileKind.JPEG, "ffd8ff"),
          Signature.ascii(FileKind.NRRD, "NRRD000"),
          Signature.ascii(FileKind.META_IMAGE, "ObjectType = Image"),
          Signature.ascii(FileKind.MATLAB, "MATLAB 5.0 MAT-file"),
          Signature.hex(FileKind.SEVEN_ZIP, "377abcaf271c"),
          Signature.hex(FileKind.PACKED, "fd377a585a00"),
          Signature.hex(FileKind.PACKED, "425a68"),
          Signature.hex(FileKind.PACKED, "28b52ffd"),
          Signature.hex(FileKind.PACKED, "526172211a07"));

  private static final String LFS_POINTER = "version https://git-lfs.github.com/spec/";
  private static final Pattern HTML =
      Pattern.compile(
          "\\A\\ufeff?\\s*(<\\?xml[^>]*>\\s*)?(<!--.{0,2000}?-->\\s*)*<(!doctype\\s+html|html|head|body|title)\\b",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** In bytes: two lengths, and the places of a number and of four fields that all have. */
  private static final int SAMEDIFF_LEAST_FIELDS = 14;

  private static final int SAMEDIFF_MOST_FIELDS = 28;
  private static final int MATLAB4_HEADER = 20;

  /** Of big-endian numbers, the greatest kind: numbers of one byte as a sparse matrix. */
  private static final int MATLAB4_MOST = 1052;

  private static final int TAR_MAGIC = 257;
  private static final int TAR_BLOCK = 512;
  private static final Set<String> TORCH_TAR = Set.of("storages", "tensors", "pickle");

  private Sniffer() {}

  static FileKind sniff(Path file) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(HEAD);
    }
    if (head.length == 0) {
      return FileKind.EMPTY;
    }
    for (Signature signature : SIGNATURES) {
      if (startsWith(head, signature.start())) {
        return signature.kind();
      }
    }
    if (isBmp(head)) {
      return FileKind.BMP;
    }
    if (head[0] == 'P' && head.length > 3 && head[1] == 'K' && head[2] < 9 && head[3] < 9) {
      return ZipSniffer.sniff(file);
    }
    return sniffByStructure(file, head);
  }

  private static FileKind sniffByStructure(Path file, byte[] head) throws IOException {
    if (isNifti(head) || isGzip(head) && isNifti(inflated(file))) {
      return FileKind.NIFTI;
    }
    if (isPartOfVolume(file, head)) {
      return FileKind.VOLUME_PART;
    }
    if (isUnmarkedVolume(head) || isGzip(head) && isUnmarkedVolume(inflated(file))) {
      return FileKind.UNMARKED_VOLUME;
    }
    if (isSafetensors(head, Files.size(file))) {
      return FileKind.SAFETENSORS;
    }
    if (head.length > 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5) {
      return FileKind.PICKLE;
    }
    if (isTar(head)) {
      return TORCH_TAR.contains(tarName(head)) ? FileKind.TORCH_TAR : FileKind.TAR;
    }
    if (isText(head)) {
      return text(head);
    }
    if (isGzip(head)) {
      return FileKind.GZIP;
    }
    if (isOnnx(head)) {
      return FileKind.ONNX;
    }
    if (isSameDiff(head)) {
      return FileKind.SAMEDIFF;
    }
    if (isMatlab4(head)) {
      return FileKind.MATLAB;
    }
    return hasLateHdf5Signature(head) ? FileKind.HDF5 : FileKind.UNKNOWN;
  }

  /** Its two letters, two fields that are zero, and how long what describes the image is. */
  private static boolean isBmp(byte[] head) {
    return head.length > 18
        && head[0] == 'B'
        && head[1] == 'M'
        && head[6] == 0
        && head[7] == 0
        && head[8] == 0
        && head[9] == 0
        && head[14] >= 12
        && head[15] == 0
        && head[16] == 0
        && head[17] == 0;
  }

  private static boolean startsWith(byte[] head, byte[] start) {
    return head.length >= start.length
        && Arrays.equals(head, 0, start.length, start, 0, start.length);
  }

  /** What stands in the place of a file that was not fetched. */
  static FileKind text(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8);
    if (text.startsWith(LFS_POINTER)) {
      return FileKind.GIT_LFS;
    }
    return HTML.matcher(text).find() ? FileKind.HTML : FileKind.TEXT;
  }

  /**
   * Whether it begins as a file of MATLAB 4, which has no mark: five integers (the kind in decimal
   * digits, rows, columns, whether there is an imaginary part, the length of the name) and a name.
   */
  private static boolean isMatlab4(byte[] head) {
    if (head.length < MATLAB4_HEADER) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    if (header.getInt(0) < 0 || header.getInt(0) > MATLAB4_MOST) {
      header.order(ByteOrder.BIG_ENDIAN);
    }
    int kind = header.getInt(0);
    int length = header.getInt(16);
    boolean known = kind >= 0 && kind / 1000 <= 1 && kind % 1000 <= 52 && kind % 10 <= 2;
    boolean sized = header.getInt(4) >= 0 && header.getInt(8) >= 0 && header.getInt(12) >>> 1 == 0;
    if (!known || !sized || length < 2 || length > head.length - MATLAB4_HEADER) {
      return false;
    }
    String name = new String(head, MATLAB4_HEADER, length, StandardCharsets.ISO_8859_1);
    return name.matches("[A-Za-z]\\w*\u0000");
  }

  private static boolean isTar(byte[] head) {
    return head.length >= TAR_BLOCK
        && new String(head, TAR_MAGIC, 5, StandardCharsets.ISO_8859_1).equals("ustar");
  }

  private static String tarName(byte[] head) {
    String name = new String(head, 0, 100, StandardCharsets.ISO_8859_1);
    int end = name.indexOf(0);
    return end < 0 ? name : name.substring(0, end);
  }

  private static boolean isGzip(byte[] head) {
    return head.length > 2 && head[0] == 0x1f && (head[1] & 0xff) == 0x8b;
  }

  private static byte[] inflated(Path file) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      return in.readNBytes(NIFTI2_HEADER);
    } catch (EOFException | ZipException damaged) {
      return new byte[0];
    }
  }

  private static boolean isNifti(byte[] head) {
    if (head.length < NIFTI1_HEADER) {
      return false;
    }
    int size = ByteBuffer.wrap(head).getInt();
    int swapped = Integer.reverseBytes(size);
    String magic1 = new String(head, 344, 3, StandardCharsets.ISO_8859_1);
    String magic2 = new String(head, 4, 3, StandardCharsets.ISO_8859_1);
    boolean first = size == NIFTI1_HEADER || swapped == NIFTI1_HEADER;
    boolean second = size == NIFTI2_HEADER || swapped == NIFTI2_HEADER;
    return first && List.of("n+1", "ni1").contains(magic1)
        || second && List.of("n+2", "ni2").contains(magic2);
  }

  /** The size of a header, and from one to seven axes in the same byte order. */
  private static boolean isUnmarkedVolume(byte[] head) {
    if (!isAnalyze(head)) {
      return false;
    }
    ByteBuffer header = ByteBuffer.wrap(head);
    if (header.getInt(0) != NIFTI1_HEADER) {
      header.order(ByteOrder.LITTLE_ENDIAN);
    }
    int axes = header.getShort(40);
    return axes >= 1 && axes <= 7;
  }

  /** The header of an Analyze volume, or the voxels beside a header. */
  private static boolean isPartOfVolume(Path file, byte[] head) throws IOException {
    String name = InputFiles.name(file);
    if (name.endsWith(".hdr")) {
      return isAnalyze(head);
    }
    if (!name.endsWith(".img") && !name.endsWith(".img.gz")) {
      return false;
    }
    String stem = name.substring(0, name.lastIndexOf(".img"));
    for (String ending : List.of(".hdr", ".hdr.gz")) {
      Path header = file.resolveSibling(stem + ending);
      if (Files.isRegularFile(header)) {
        byte[] start = ending.equals(".hdr") ? start(header) : inflated(header);
        return isNifti(start) || isAnalyze(start);
      }
    }
    return false;
  }

  private static byte[] start(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(NIFTI2_HEADER);
    }
  }

  private static boolean isAnalyze(byte[] head) {
    if (head.length < NIFTI1_HEADER) {
      return false;
    }
    int size = ByteBuffer.wrap(head).getInt();
    return size == NIFTI1_HEADER || Integer.reverseBytes(size) == NIFTI1_HEADER;
  }

  private static boolean isSafetensors(byte[] head, long size) {
    if (head.length < 10 || head[8] != '{') {
      return false;
    }
    long header = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return header > 1 && header <= size - Long.BYTES;
  }

  /** A protobuf that begins with field 1 (the IR version) and goes on with one of ONNX's fields. */
  private static boolean isOnnx(byte[] head) {
    if (head.length < 16 || head[0] != 0x08 || head[1] < 1) {
      return false;
    }
    int next = head[2];
    return next == 0x12
        || next == 0x1a
        || next == 0x22
        || next == 0x28
        || next == 0x32
        || next == 0x3a
        || next == 0x42;
  }

  /**
   * Whether it begins as ND4J's FlatGraph, which has no mark: where its table lies, and which of
   * its fields are there, among them variables, operations, outputs and settings.
   */
  private static boolean isSameDiff(byte[] head) {
    ByteBuffer bytes = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    if (head.length < 64 || bytes.getInt(4) != 0) {
      return false;
    }
    int table = bytes.getInt(0);
    if (table < 8 || table > head.length - Integer.BYTES) {
      return false;
    }
    int fields = table - bytes.getInt(table);
    if (fields < 8 || fields > table - SAMEDIFF_LEAST_FIELDS) {
      return false;
    }
    int length = bytes.getShort(fields);
    int most = bytes.getShort(fields + Short.BYTES);
    if (length < SAMEDIFF_LEAST_FIELDS || length > SAMEDIFF_MOST_FIELDS) {
      return false;
    }
    for (int field = 2 * Short.BYTES; field < length; field += Short.BYTES) {
      int place = bytes.getShort(fields + field);
      boolean needed = field > 2 * Short.BYTES && field < SAMEDIFF_LEAST_FIELDS;
      if (place < (needed ? Integer.BYTES : 0) || place >= most) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasLateHdf5Signature(byte[] head) {
    byte[] signature = HexFormat.of().parseHex("894844460d0a1a0a");
    for (int at = 512; at + signature.length <= head.length; at *= 2) {
      if (Arrays.equals(head, at, at + signature.length, signature, 0, signature.length)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isText(byte[] head) {
    for (byte b : head) {
      boolean control = b >= 0 && b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f';
      if (control || b == 127) {
        return false;
      }
    }
    int whole = head.length == HEAD ? HEAD - 4 : head.length;
    for (int end = whole; end <= head.length; end++) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(head, 0, end));
        return true;
      } catch (CharacterCodingException cutOrForeign) {
        continue;
      }
    }
    return false;
  }
}
