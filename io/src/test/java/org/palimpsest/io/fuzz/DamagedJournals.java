package org.palimpsest.io.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.palimpsest.core.evolution.EvolutionTable;

/**
 * Journals of a study that was done, damaged in the ways in which disks, editors and programs
 * damage files of lines. Right is a refusal, or a table equal to that of the study that was not
 * damaged.
 */
final class DamagedJournals {

  private static final String JOURNAL = "figures.jsonl";
  private static final List<String> STRAY =
      List.of("", " ", "null", "[]", "{}", "1", "\"x\"", "{\"subject\":\"x\"}", "\0\0\0");

  private DamagedJournals() {}

  static FuzzTarget target() throws IOException {
    Path folder = Files.createTempDirectory(Path.of("target"), "journal");
    SmallStudy study = new SmallStudy(folder, () -> {});
    Path whole = Files.createDirectory(folder.resolve("whole"));
    study.track(whole);
    Path resumed = Files.createDirectory(folder.resolve("resumed"));
    return new FuzzTarget(
        "journal",
        ".jsonl",
        Files.readAllBytes(whole.resolve(JOURNAL)),
        true,
        file -> resume(file, study, resumed),
        DamagedJournals::mutate);
  }

  private static Set<Long> resume(Path journal, SmallStudy study, Path folder) {
    try {
      Files.write(folder.resolve(JOURNAL), Files.readAllBytes(journal));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    EvolutionTable table = study.track(folder);
    return Set.of((long) table.hashCode());
  }

  static byte[] mutate(byte[] original, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> Mutator.mutate(original, random);
      case 1 -> withBytesChanged(original.clone(), random);
      default -> withLinesChanged(original, random);
    };
  }

  private static byte[] withBytesChanged(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        while (!Character.isDigit(bytes[at])) {
          at = random.nextInt(bytes.length);
        }
        bytes[at] = (byte) ('0' + random.nextInt(10));
      }
      case 2 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4096), (byte) 0);
      default -> {
        return Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 9000));
      }
    }
    return bytes;
  }

  private static byte[] withLinesChanged(byte[] original, SplittableRandom random) {
    List<String> lines =
        new ArrayList<>(List.of(new String(original, StandardCharsets.UTF_8).split("\n")));
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && lines.size() > 1; i++) {
      change(lines, random);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines.forEach(line -> bytes.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8)));
    return bytes.toByteArray();
  }

  private static void change(List<String> lines, SplittableRandom random) {
    int at = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    switch (random.nextInt(6)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(other, lines.get(at));
      case 2 -> Collections.swap(lines, at, other);
      case 3 -> {
        int next = (at + 1) % lines.size();
        lines.set(at, lines.get(at) + lines.get(next));
        lines.remove(next);
      }
      case 4 -> lines.add(at, STRAY.get(random.nextInt(STRAY.size())));
      default -> {
        String line = lines.get(at);
        int cut = random.nextInt(line.length() + 1);
        lines.set(
            at,
            line.substring(0, cut)
                + lines.get(other).substring(Math.min(cut, lines.get(other).length())));
      }
    }
  }
}
