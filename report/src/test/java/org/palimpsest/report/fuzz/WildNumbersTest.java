package org.palimpsest.report.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.report.page.MadeUpStudies;
import org.palimpsest.report.page.StudyReport;

/**
 * Studies with figures beyond all reason through all pictures. {@code -Dfuzz.mutants} and {@code
 * -Dfuzz.seed} make a campaign of it.
 */
class WildNumbersTest {

  private static final double[] WILD = {
    0,
    -0.0,
    1,
    -1,
    -9.2e18,
    9.3e18,
    1e6,
    -1e-6,
    1e38,
    1e150,
    -1e151,
    1e300,
    Double.MAX_VALUE,
    -Double.MAX_VALUE,
    Double.MIN_VALUE,
    -Double.MIN_VALUE,
    Double.MIN_NORMAL,
    Math.nextUp(1),
    0x1p53,
    0x1p63
  };

  @TempDir private Path folder;

  static LongStream seeds() {
    long first = Long.getLong("fuzz.seed", 1);
    return LongStream.range(first, first + Integer.getInteger("fuzz.mutants", 2));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everyPictureOfThemIsDrawn(long seed) {
    Random random = new Random(seed);
    double share = random.nextInt(4) == 0 ? 1 : 0.02 + 0.2 * random.nextDouble();
    double[] chosen = random.doubles(2, 0, WILD.length).map(i -> WILD[(int) i]).toArray();
    EvolutionTable table =
        MadeUpStudies.withValues(
            MadeUpStudies.of(List.of("enc", "mid", "dec"), List.of("random", "transfer")),
            usual -> random.nextDouble() < share ? chosen[random.nextInt(2)] : usual);

    List<Path> files = StudyReport.of(table, MadeUpStudies.facts()).write(folder);

    assertThat(files).hasSizeGreaterThan(20).allMatch(Files::isRegularFile);
    assertThat(files.stream().mapToLong(file -> file.toFile().length()))
        .allMatch(bytes -> bytes < 5_000_000);
  }
}
