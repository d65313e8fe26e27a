package org.palimpsest.io.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.io.study.EvolutionTables;
import org.palimpsest.io.study.StudyFolder;

/**
 * Folders of studies that somebody else prepared: links under the names that a study uses, to files
 * and folders elsewhere, and foreign files beside its own. Right is a refusal or the table of a
 * clean folder, and nothing that is not the study's own touched.
 */
final class TrappedStudies {

  private static final List<String> USED =
      List.of(
          ".spill",
          ".spill",
          ".spill/0.bin",
          ".spill/1.bin",
          ".spill/kept",
          ".lock",
          "figures.jsonl",
          "study.json",
          "evolution.csv",
          "evolution.json",
          "checkpoints.csv",
          "pictures",
          "pictures/layers.png");

  private static final List<String> FOREIGN =
      List.of("0.bin", "1.bin", "12.bin", "1.bin.gz", "a.bin", "notes.txt", ".hidden", "-1.bin");

  private final SplittableRandom random;
  private final Path victim;
  private final Path study;
  private final List<Path> foreign = new ArrayList<>();
  private final List<String> traps = new ArrayList<>();

  private TrappedStudies(SplittableRandom random, Path folder) {
    this.random = random;
    this.victim = folder.resolve("victim");
    this.study = folder.resolve("study");
  }

  /** What is wrong with a study in the folder of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    TrappedStudies made = new TrappedStudies(new SplittableRandom(seed), folder);
    try {
      return made.finding(folder);
    } finally {
      remove(made.victim);
      remove(made.study);
    }
  }

  private String finding(Path folder) throws IOException {
    prepare();
    Map<String, String> before = content(victim);
    SmallStudy small = new SmallStudy(Files.createDirectories(folder.resolve("runs")), () -> {});
    String wrong = "";
    try (StudyFolder kept = StudyFolder.open(study)) {
      kept.settle(new StudyFolder.Settings(Map.of("runs", "small"), Map.of()), true);
      wrong = judge(small);
    } catch (PalimpsestException refused) {
      // as right as going on
    } catch (RuntimeException failure) {
      wrong = failure.toString();
    }
    if (!content(victim).equals(before)) {
      wrong = "what lies elsewhere was changed: %s to %s".formatted(before, content(victim));
    }
    for (Path file : foreign) {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        wrong = file + " is gone";
      }
    }
    return wrong.isEmpty() ? "" : wrong + ", with " + traps;
  }

  /** The folder is in use now, so that the figures come from a fresh one, and are written here. */
  private String judge(SmallStudy small) throws IOException {
    Path clean = study.resolveSibling("clean");
    try {
      EvolutionTable table = small.track(clean);
      EvolutionTables.write(table, study);
      EvolutionTable read = EvolutionTables.read(study);
      return read.rows().equals(table.rows()) ? "" : "another table";
    } finally {
      remove(clean);
    }
  }

  private void prepare() throws IOException {
    Files.createDirectories(victim.resolve("within"));
    for (String name : FOREIGN) {
      Files.writeString(victim.resolve(name), "kept " + name);
      Files.writeString(victim.resolve("within").resolve(name), "kept too " + name);
    }
    Files.createDirectories(study);
    for (int i = random.nextInt(3); i >= 0; i--) {
      trap(study.resolve(USED.get(random.nextInt(USED.size()))));
    }
    if (random.nextBoolean() && !Files.exists(study.resolve(".spill"), LinkOption.NOFOLLOW_LINKS)) {
      Path spill = Files.createDirectories(study.resolve(".spill"));
      for (String name : List.of("notes.txt", "a.bin", "1.bin.gz")) {
        if (random.nextBoolean()) {
          foreign.add(Files.writeString(spill.resolve(name), "another's"));
        }
      }
      traps.add("foreign " + foreign);
    }
  }

  private void trap(Path place) throws IOException {
    if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)
        || Files.isSymbolicLink(place.getParent())
        || Files.isRegularFile(place.getParent())) {
      return;
    }
    Files.createDirectories(place.getParent());
    Path target =
        switch (random.nextInt(7)) {
          case 0 -> victim;
          case 1 -> victim.resolve("within");
          case 2 -> victim.resolve(FOREIGN.get(random.nextInt(FOREIGN.size())));
          case 3 -> victim.resolve("new");
          case 4 -> Path.of("../victim");
          case 5 -> place.getFileName();
          default -> Path.of("../victim/within/../notes.txt");
        };
    Files.createSymbolicLink(place, target);
    traps.add(place + " -> " + target);
  }

  /** Names and contents, links not followed. */
  private static Map<String, String> content(Path folder) throws IOException {
    Map<String, String> content = new TreeMap<>();
    for (Path file : all(folder)) {
      content.put(file.toString(), Files.isRegularFile(file) ? Files.readString(file) : "");
    }
    return content;
  }

  private static List<Path> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted(Comparator.reverseOrder()).toList();
    }
  }

  private static void remove(Path folder) throws IOException {
    if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      for (Path file : all(folder)) {
        Files.delete(file);
      }
    }
  }
}
