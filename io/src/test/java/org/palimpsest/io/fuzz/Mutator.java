package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Damages files: flips bits, sets bytes, moves, repeats and cuts pieces, plants great numbers. */
final class Mutator {

  private static final long[] GREAT = {
    0,
    -1,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    1L << 40
  };

  private Mutator() {}

  static byte[] mutate(byte[] original, SplittableRandom random) {
    byte[] mutant = original.clone();
    int changes = 1 + random.nextInt(random.nextInt(8) + 1);
    for (int i = 0; i < changes && mutant.length > 16; i++) {
      mutant = change(mutant, random);
    }
    return mutant;
  }

  /** A sound archive in which the content of some entries is another one. */
  static byte[] changeEntries(
      byte[] archive, Predicate<String> chosen, UnaryOperator<byte[]> change) {
    ForgedZip changed = new ForgedZip();
    try {
      Path file = Files.write(Files.createTempFile("archive", ".zip"), archive);
      try (ZipFile zip = new ZipFile(file.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          byte[] content = zip.getInputStream(entry).readAllBytes();
          boolean other = chosen.test(entry.getName());
          changed.add(entry.getName(), other ? change.apply(content) : content, other);
        }
      } finally {
        Files.delete(file);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return changed.bytes();
  }

  private static byte[] change(byte[] bytes, SplittableRandom random) {
    int at = place(bytes.length, random);
    switch (random.nextInt(8)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3 -> plant(bytes, at, random);
      case 4 -> {
        int length = Math.min(random.nextInt(64), bytes.length - at);
        int from = random.nextInt(bytes.length - length + 1);
        System.arraycopy(bytes, from, bytes, at, length);
      }
      case 5 -> {
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
      }
      case 6 -> {
        return spliced(bytes, at, 0, random.nextInt(1, 32));
      }
      default -> {
        return spliced(bytes, at, Math.min(random.nextInt(1, 32), bytes.length - at), 0);
      }
    }
    return bytes;
  }

  /** Headers matter most: half of the changes are near one of the ends. */
  private static int place(int length, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(Math.min(length, 600));
      case 1 -> length - 1 - random.nextInt(Math.min(length, 600));
      default -> random.nextInt(length);
    };
  }

  private static void plant(byte[] bytes, int at, SplittableRandom random) {
    long value = GREAT[random.nextInt(GREAT.length)];
    int width = 1 << random.nextInt(4);
    boolean big = random.nextBoolean();
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> 8 * (big ? width - 1 - i : i));
    }
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, int repeated) {
    byte[] result = new byte[bytes.length - removed + repeated];
    System.arraycopy(bytes, 0, result, 0, at);
    for (int i = 0; i < repeated; i++) {
      result[at + i] = bytes[Math.min(bytes.length - 1, at + i)];
    }
    System.arraycopy(bytes, at + removed, result, at + repeated, bytes.length - at - removed);
    return result;
  }
}
