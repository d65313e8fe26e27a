package org.palimpsest.internal.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The SHA-256 of files. */
public final class Sha256 {

  private static final int BLOCK = 1 << 16;

  private Sha256() {}

  /**
   * The hash of a file's content as 64 hexadecimal digits. Reads the file once, in blocks.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is no such file or it cannot be read
   */
  public static String of(Path file) {
    InputFiles.requireFile(file);
    try (InputStream in = Files.newInputStream(file)) {
      MessageDigest digest = digest();
      byte[] block = new byte[BLOCK];
      for (int count = in.read(block); count >= 0; count = in.read(block)) {
        digest.update(block, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** The hash of several pieces, one after the other, as 64 hexadecimal digits. */
  public static String of(List<byte[]> pieces) {
    MessageDigest digest = digest();
    pieces.forEach(digest::update);
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The hash of some bytes as 64 hexadecimal digits. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    }
  }
}
