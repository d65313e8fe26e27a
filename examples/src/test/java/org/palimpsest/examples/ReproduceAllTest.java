package org.palimpsest.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.examples.Miniature.names;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReproduceAllTest {

  private static final Pattern IMAGE = Pattern.compile("!\\[[^]]*]\\(([^)]*)\\)");

  @Test
  void runsAllInMiniatureAndItsReportHasEveryClaimAndPicture(@TempDir Path folder)
      throws IOException {
    Path out = folder.resolve("out");
    Miniature.Outcome outcome =
        Miniature.run(new ReproduceAll(Miniature::ofThree), folder.resolve("networks"), out);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(names(out))
        .containsExactlyInAnyOrder("reproduction.md", "reproduction.html", "phantoms");
    String page = Files.readString(out.resolve("reproduction.md"));
    assertThat(page).contains("ReproduceAll --networks");
    List<String> pictures =
        IMAGE.matcher(page).results().map((MatchResult image) -> image.group(1)).toList();
    assertThat(pictures).hasSizeGreaterThan(5).allMatch(file -> Files.exists(out.resolve(file)));
    List<String> experiments = names(out.resolve("phantoms"));
    assertThat(experiments)
        .contains("transfer-benefit", "frozen-encoder", "seed-variability", "feature-reuse")
        .contains("training-dynamics", "layer-identification", "verdicts.csv");
    assertThat(Files.readString(out.resolve("reproduction.html")))
        .contains("<table>")
        .doesNotContain("**");
  }

  @Test
  void anInterruptedOneGoesOnAndOnlyWhatIsAskedForIsRun(@TempDir Path folder) throws IOException {
    Path out = folder.resolve("out");
    Path networks = folder.resolve("networks");
    String[] only = {"--only", "training-dynamics"};
    assertThat(Miniature.run(new ReproduceAll(Miniature::ofThree), networks, out, only).err())
        .contains("Training");
    assertThat(Miniature.run(new ReproduceAll(Miniature::ofThree), networks, out, only).err())
        .doesNotContain("Training");
    assertThat(names(out.resolve("phantoms")))
        .containsExactlyInAnyOrder("training-dynamics", "verdicts.csv");
  }
}
