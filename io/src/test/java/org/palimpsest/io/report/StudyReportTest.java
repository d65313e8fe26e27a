package org.palimpsest.io.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyReportTest {

  @TempDir private Path folder;

  @Test
  void thePageTellsWhatWasCompared() throws IOException {
    List<Path> files =
        StudyReport.of(
                MadeUpStudy.of(List.of("enc", "dec"), 3, 0, 50, 400),
                MadeUpStudy.FACTS.withVersion("PyTorch", "2.7.1"))
            .write(folder);

    assertThat(files.get(0)).isEqualTo(folder.resolve("report.html"));
    assertThat(Files.readString(files.get(0)))
        .contains("Made-up study", "8 made-up probes", "3fa9c0d1e2b4", "linear_cka", "PyTorch");
  }
}
