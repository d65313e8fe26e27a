package org.palimpsest.io.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A few of the mutants of the fuzz campaign, so that CI notices when a reader stops refusing. */
class ReaderRobustnessTest {

  static List<FuzzTarget> targets() throws IOException {
    return FuzzTarget.all();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void damagedFilesAreRefusedOrRead(FuzzTarget target, @TempDir Path folder) throws IOException {
    assertThat(new FuzzRun(target, folder).run(25, 7).findings()).isEmpty();
  }
}
