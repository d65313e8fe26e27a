package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code spark/cluster}. */
@DisabledOnOs(OS.WINDOWS)
class ClusterScriptTest {

  @TempDir private Path home;

  private String cluster(String... words) throws IOException, InterruptedException {
    ProcessBuilder script = new ProcessBuilder("bash", "cluster", words[0], home.toString());
    script.command().addAll(java.util.Arrays.asList(words).subList(1, words.length));
    Process process = script.redirectErrorStream(true).start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + " " + told.strip();
  }

  /** After a restart of the machine, ids of processes belong to others. */
  @Test
  void aProcessThatIsNotOfThisClusterIsLeftAlone() throws IOException, InterruptedException {
    Process foreign = new ProcessBuilder("sleep", "60").start();
    try {
      Path run = Files.createDirectories(home.resolve("run"));
      Files.writeString(run.resolve("worker1.pid"), foreign.pid() + "\n");
      Files.writeString(run.resolve("worker2.pid"), "-1\n");
      Files.writeString(run.resolve("master.pid"), "");

      assertThat(cluster("workers")).isEqualTo("0 ");
      assertThat(cluster("stop")).isEqualTo("0 ");

      assertThat(foreign.isAlive()).isTrue();
      assertThat(run).isEmptyDirectory();
    } finally {
      foreign.destroy();
    }
  }

  @Test
  void aFolderThatIsNoSparkIsRefused() throws IOException, InterruptedException {
    assertThat(cluster("start")).startsWith("1 spark/cluster: ").contains("is no SPARK_HOME");
  }
}
