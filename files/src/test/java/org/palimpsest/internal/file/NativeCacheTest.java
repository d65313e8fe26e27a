package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {

  @TempDir private Path folder;

  @Test
  void aFolderThatCannotBeWrittenIsNamedWithWhatToDo() throws IOException {
    assertThat(new NativeCache(folder.resolve("new"), "-Dx=FOLDER").trouble()).isEmpty();
    assertThat(folder.resolve("new")).isEmptyDirectory();

    Path file = Files.createFile(folder.resolve("file"));
    assertThat(new NativeCache(file.resolve("cache"), "-Dx=FOLDER").trouble().orElseThrow())
        .startsWith(file.resolve("cache") + " cannot be written")
        .endsWith("name another folder with -Dx=FOLDER.");
  }

  @Test
  void theNearestFileSystemTellsWhetherLibrariesMayBeLoaded() {
    List<String> mounts =
        List.of(
            "/dev/sda / ext4 rw,relatime 0 0",
            "tmpfs /home tmpfs rw,nosuid,noexec 0 0",
            "tmpfs /home/a tmpfs rw,nosuid 0 0");
    assertThat(NativeCache.isNoexec(Path.of("/home/b/cache"), mounts)).isTrue();
    assertThat(NativeCache.isNoexec(Path.of("/home/a/cache"), mounts)).isFalse();
    assertThat(NativeCache.isNoexec(Path.of("/homely"), mounts)).isFalse();
    assertThat(NativeCache.isNoexec(Path.of("/home/b"), List.of())).isFalse();
  }
}
