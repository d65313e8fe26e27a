package org.palimpsest.internal.file;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.palimpsest.core.internal.natives.NativeLoading;

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

  /**
   * The SHA-256 of long files by the system's OpenSSL, which uses what the processor has for it:
   * ten times as fast as Java's own where only the first compiler runs, as in the commands.
   *
   * @see <a href="https://docs.openssl.org/3.0/man3/EVP_DigestInit/">EVP_DigestInit(3)</a>
   */
  static final class OpenSsl {

    private static final int MEBIBYTE = 1 << 20;
    private static final int BYTES_OF_HASH = 32;

    private final NativeLibrary crypto;

    private OpenSsl(NativeLibrary crypto) {
      this.crypto = crypto;
    }

    /** The library, if this is a Linux that has it. */
    static Optional<OpenSsl> found() {
      return Found.LIBRARY;
    }

    /** Looked for once. */
    private static final class Found {

      private static final Optional<OpenSsl> LIBRARY =
          NativeLoading.alone(
              () ->
                  Stream.of("libcrypto.so.3", "libcrypto.so.1.1").flatMap(Found::load).findFirst());

      private static Stream<OpenSsl> load(String name) {
        try {
          return Platform.isLinux()
              ? Stream.of(new OpenSsl(NativeLibrary.getInstance(name)))
              : Stream.empty();
        } catch (LinkageError absent) {
          return Stream.empty();
        }
      }
    }

    /** The hash of what is left of a file. */
    byte[] sha256(FileChannel file) throws IOException {
      Pointer context = pointer("EVP_MD_CTX_new");
      try {
        call("EVP_DigestInit_ex", context, pointer("EVP_sha256"), Pointer.NULL);
        ByteBuffer block = ByteBuffer.allocateDirect(MEBIBYTE);
        while (file.read(block) >= 0) {
          block.flip();
          call("EVP_DigestUpdate", context, block, (long) block.remaining());
          block.clear();
        }
        byte[] hash = new byte[BYTES_OF_HASH];
        call("EVP_DigestFinal_ex", context, hash, new IntByReference());
        return hash;
      } finally {
        function("EVP_MD_CTX_free").invokeVoid(new Object[] {context});
      }
    }

    private void call(String name, Object... arguments) {
      if (function(name).invokeInt(arguments) != 1) {
        throw new IllegalStateException("OpenSSL refused " + name);
      }
    }

    private Pointer pointer(String name) {
      Pointer made = function(name).invokePointer(new Object[0]);
      if (made == null) {
        throw new IllegalStateException("OpenSSL refused " + name);
      }
      return made;
    }

    private Function function(String name) {
      return crypto.getFunction(name);
    }
  }
}
