package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingFoldersTest {

  @TempDir private Path folder;

  @Test
  void foldersThatWereMadeSinceAndAreEmptyGo() throws IOException {
    Path there = Files.createDirectory(folder.resolve("there"));
    Path deep = folder.resolve("a/b/c");
    Path used = folder.resolve("used/inner");
    MissingFolders missing =
        MissingFolders.of(
            List.of(
                deep.resolve("x.csv"),
                folder.resolve("a/y.csv"),
                used.resolve("z.csv"),
                there.resolve("w.csv"),
                folder.resolve("never/v.csv")));
    Files.createDirectories(deep);
    Files.createDirectories(used);
    Files.writeString(used.resolve("z.csv"), "kept");

    missing.removeEmpty();

    assertThat(folder.resolve("a")).doesNotExist();
    assertThat(used.resolve("z.csv")).hasContent("kept");
    assertThat(there).isEmptyDirectory();
    assertThat(folder.resolve("never")).doesNotExist();
  }

  @Test
  void whatIsNoFolderOrALinkStays() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    MissingFolders missing =
        MissingFolders.of(List.of(folder.resolve("file/x"), folder.resolve("link/x")));
    Path file = Files.writeString(folder.resolve("file"), "content");
    Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);

    missing.removeEmpty();

    assertThat(file).hasContent("content");
    assertThat(link).isSymbolicLink();
    assertThat(elsewhere).isDirectory();
  }
}
