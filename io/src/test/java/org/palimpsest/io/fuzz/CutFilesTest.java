package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.PalimpsestException;

/** A file that ends early never gives numbers that it does not hold. */
class CutFilesTest {

  private static final int LAST_BYTES = 64;
  private static final int PLACES = 200;

  @TempDir Path folder;

  static List<FuzzTarget> targets() throws IOException {
    return CutFiles.targets();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aFileThatEndsEarlyIsRefusedOrReadToTheSameNumbers(FuzzTarget target) throws IOException {
    byte[] whole = target.content();
    Path file = folder.resolve("cut" + target.ending());
    Set<Long> right = target.read(Files.write(file, whole));
    List<String> findings = new ArrayList<>();
    for (int length : lengths(whole.length)) {
      try {
        Set<Long> found = target.read(Files.write(file, Arrays.copyOf(whole, length)));
        if (!found.equals(right)) {
          findings.add("other numbers of %d of %d bytes".formatted(length, whole.length));
        }
      } catch (PalimpsestException refusal) {
        continue;
      }
    }
    assertThat(findings).isEmpty();
  }

  /** Each of the last bytes, and places drawn from all of them. */
  private static int[] lengths(int whole) {
    SplittableRandom random = new SplittableRandom(1);
    int[] lengths = new int[LAST_BYTES + PLACES];
    Arrays.setAll(
        lengths, i -> i < LAST_BYTES ? Math.max(0, whole - 1 - i) : random.nextInt(whole));
    return lengths;
  }
}
