package org.palimpsest.io.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.image.ImageProbes.FileGlobs;

class FileGlobsTest {

  private static final List<Path> FILES =
      List.of("00.png", "00_mask.png", "01.png", "01_mask.png").stream().map(Path::of).toList();

  private static List<String> chosen(String... globs) {
    return FILES.stream()
        .filter(FileGlobs.of(List.of(globs))::chooses)
        .map(Path::toString)
        .toList();
  }

  @Test
  void wantedOnesAreChosenAndUnwantedOnesLeftOut() {
    assertThat(chosen()).hasSize(4);
    assertThat(chosen("??.png")).containsExactly("00.png", "01.png");
    assertThat(chosen("!*_mask.*")).containsExactly("00.png", "01.png");
    assertThat(chosen("0{0,1}*.png", "!01*")).containsExactly("00.png", "00_mask.png");
  }

  @Test
  void onlyTheNameCounts() {
    assertThat(FileGlobs.of(List.of("*.png")).chooses(Path.of("some/folder/a.png"))).isTrue();
  }

  @Test
  void aGlobThatMatchesNothingIsRefusedNamingWhatIsThere() {
    for (String glob : List.of("*.tiff", "!*.tiff")) {
      FileGlobs globs = FileGlobs.of(List.of("*.png", glob));
      assertThatThrownBy(() -> globs.requireEachMatches(Path.of("images"), FILES))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("images")
          .hasMessageContaining("'*.tiff'")
          .hasMessageContaining("There are 4: 00.png, 00_mask.png");
    }
  }

  @Test
  void aMalformedGlobIsRefused() {
    assertThatThrownBy(() -> FileGlobs.of(List.of("[0-9.png")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("'[0-9.png' is no glob");
  }
}
