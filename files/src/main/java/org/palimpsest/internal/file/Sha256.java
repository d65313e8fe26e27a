package org.palimpsest.internal.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The SHA-256 of files. */
public final class Sha256 {

  private static final int BLOCK = 1 << 16;

  /** Shorter files are done before another library is loaded. */
  private static final long LONG = 1 << 22;

  private Sha256() {}

  /**
   * The hash of a file's content as 64 hexadecimal digits. Reads the file once, in blocks.
   *
   * @throws org.palimpsest.core.PalimpsestException if there is no such file or it cannot be read
   */
  public static String of(Path file) {
    InputFiles.requireFile(file);
    try (FileChannel channel = FileChannel.open(file)) {
      Optional<OpenSsl> openSsl = channel.size() < LONG ? Optional.empty() : OpenSsl.found();
      byte[] hash = openSsl.isPresent() ? openSsl.get().sha256(channel) : inJava(channel);
      return HexFormat.of().formatHex(hash);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static byte[] inJava(FileChannel channel) throws IOException {
    MessageDigest digest = digest();
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (channel.read(block) >= 0) {
      digest.update(block.flip());
      block.clear();
    }
    return digest.digest();
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
