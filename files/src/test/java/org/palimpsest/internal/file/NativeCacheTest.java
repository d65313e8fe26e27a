package org.palimpsest.internal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;

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
    assertThat(NativeCache.isNoexec(Path.of("/home/a"), List.of("broken", "", "x / y"))).isFalse();
  }

  /** As Linux writes them in /proc/self/mounts. */
  @Test
  void placesWithBlanksAndOtherLettersAreFound() {
    assumeTrue(Charset.forName(System.getProperty("sun.jnu.encoding")).newEncoder().canEncode('é'));
    List<String> mounts =
        List.of(
            "/dev/sda / ext4 rw 0 0",
            "/dev/sdb /media/my\\040disk\\134x ext4 rw,noexec 0 0",
            "/dev/sdc /media/\u00e9t\u00e9 ext4 rw,noexec 0 0",
            "/dev/sdd / ext4 rw,noexec 0 0");
    assertThat(NativeCache.isNoexec(Path.of("/media/my disk\\x/cache"), mounts)).isTrue();
    assertThat(NativeCache.isNoexec(Path.of("/media/\u00e9t\u00e9"), mounts)).isTrue();
    assertThat(NativeCache.isNoexec(Path.of("/media"), mounts.subList(0, 3))).isFalse();
    assertThat(NativeCache.isNoexec(Path.of("/media"), mounts)).isTrue(); // the later one hides it
  }

  @Test
  void aLibraryThatDoesNotLoadIsExplainedByItsFolder() throws IOException {
    PalimpsestException missing = new PalimpsestException("no backend", new LinkageError());
    PalimpsestException other = new PalimpsestException("no such file");
    String setting = "org.bytedeco.javacpp.cachedir";
    String before = System.getProperty(setting);
    Path file = Files.createFile(folder.resolve("no-folder"));
    try {
      System.setProperty(setting, file.resolve("cache").toString());
      assertThat(NativeCache.explain(missing))
          .contains(file.toString(), "java -D" + setting + "=FOLDER");
      assertThat(NativeCache.explain(other)).isEqualTo("no such file");
      System.setProperty(setting, folder.resolve("cache").toString());
      assertThat(NativeCache.explain(missing)).isEqualTo("no backend");
    } finally {
      if (before == null) {
        System.clearProperty(setting);
      } else {
        System.setProperty(setting, before);
      }
    }
  }

  @Test
  void theUsualFolderIsThatOfTheUser() {
    assertThat(NativeCache.ofJavaCpp().setting()).contains("cachedir");
  }
}
