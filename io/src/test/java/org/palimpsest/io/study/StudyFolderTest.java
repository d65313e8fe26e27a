package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.Representation;

class StudyFolderTest {

  private static final Measurement.Key KEY =
      new Measurement.Key("context", "aa", "enc1", "bb", "enc\"2\n", "linear_cka");
  private static final Measurement FIGURE =
      Measurement.of(0.1 + 0.2, -1.5, 1e-300, 42).withWarnings(List.of("few samples"));

  @TempDir private Path folder;

  @Test
  void whatWasKeptIsThereForTheNextProcess() {
    Measurement.Key failed = new Measurement.Key("context", "aa", "enc1", "bb", "enc1", "svcca");
    Map<String, Grid> grids = new LinkedHashMap<>();
    grids.put("up", Grid.of(8, 4));
    grids.put("fc", Grid.point());
    try (StudyFolder study = StudyFolder.open(folder)) {
      study.journal().keep(KEY, FIGURE);
      study.journal().keep(failed, new Outcome.Failure("no variance"));
      study.journal().keep("subject", new LayerGrids(grids));
    }

    try (StudyFolder study = StudyFolder.open(folder)) {
      assertThat(study.journal().outcome(KEY)).contains(FIGURE);
      assertThat(study.journal().outcome(failed)).contains(new Outcome.Failure("no variance"));
      LayerGrids structure = study.journal().structure("subject").orElseThrow();
      assertThat(structure.layers()).containsExactly("up", "fc");
      assertThat(structure.grids()).isEqualTo(grids);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {".lock", "figures.jsonl", "evolution.csv", "pictures", "pictures/a.svg"})
  @DisabledOnOs(OS.WINDOWS)
  void linksWithinAFolderAreRefused(String name, @TempDir Path elsewhere) throws IOException {
    Path target = Files.writeString(elsewhere.resolve("of-somebody-else"), "keep");
    Path link = folder.resolve(name);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, target);
    assertThatThrownBy(() -> StudyFolder.open(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(link + " is a link");
    assertThat(target).hasContent("keep");
  }

  @Test
  void aLineThatWasCutByAKillIsWrittenAnew() throws IOException {
    try (StudyFolder study = StudyFolder.open(folder)) {
      study.journal().keep(KEY, FIGURE);
    }
    Path journal = folder.resolve("figures.jsonl");
    Files.writeString(journal, "{\"context\":\"con", StandardOpenOption.APPEND);

    try (StudyFolder study = StudyFolder.open(folder)) {
      assertThat(study.journal().outcome(KEY)).contains(FIGURE);
      study.journal().keep("subject", new LayerGrids(Map.of("fc", Grid.point())));
    }
    assertThat(Files.readAllLines(journal)).hasSize(3).allMatch(line -> line.endsWith("}"));
  }

  @Test
  void aDamagedLineIsNamed() throws IOException {
    Files.writeString(folder.resolve("figures.jsonl"), "not json\n");

    assertThatThrownBy(() -> StudyFolder.open(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("figures.jsonl is damaged at line 1");
  }

  @Test
  void theSecondUserOfAFolderIsToldSo() {
    try (StudyFolder first = StudyFolder.open(folder)) {
      assertThat(first.path()).isEqualTo(folder);
      assertThatThrownBy(() -> StudyFolder.open(folder))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("is in use by another process");
    }
    StudyFolder.open(folder).close();
  }

  /** Something that is put aside. */
  private record Text(String text) implements Prepared {

    @Override
    public Representation.Info info() {
      return new Representation.Info(text, 1, 1, 1, Fingerprint.unknown(), "");
    }
  }

  private static final PreparedFormat<Text> TEXTS =
      new PreparedFormat<>() {
        @Override
        public void write(Text prepared, PreparedOutput out) throws IOException {
          out.writeText(prepared.text);
          out.writeDoubles(new double[] {1, 2, 3});
        }

        @Override
        public Text read(PreparedInput in) throws IOException {
          String text = in.readText();
          in.readDoubles();
          return new Text(text);
        }
      };

  @Test
  void aSpilledFileThatWasDamagedOrCutIsOneClearError() throws IOException {
    try (StudyFolder study = StudyFolder.open(folder)) {
      Spill spill = study.spill();
      int number = spill.write(new Text("one"), TEXTS);
      Path file = folder.resolve(".spill").resolve(number + ".bin");
      byte[] whole = Files.readAllBytes(file);
      for (int at = 0; at < whole.length; at++) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) 0xc1;
        assertUnreadable(spill, number, Files.write(file, damaged));
        assertUnreadable(spill, number, Files.write(file, Arrays.copyOf(whole, at)));
      }
      assertUnreadable(spill, number, Files.write(file, Arrays.copyOf(whole, whole.length + 1)));
      Files.write(file, whole);
      assertThat(spill.read(number, TEXTS)).isEqualTo(new Text("one"));
    }
  }

  private static void assertUnreadable(Spill spill, int number, Path file) {
    assertThatThrownBy(() -> spill.read(number, TEXTS))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void whatIsSpilledCanBeReadAgainAndIsGoneAtTheEnd() throws IOException {
    try (StudyFolder study = StudyFolder.open(folder)) {
      Spill spill = study.spill();
      int first = spill.write(new Text("one"), TEXTS);
      int second = spill.write(new Text("two"), TEXTS);

      assertThat(spill.read(first, TEXTS)).isEqualTo(new Text("one"));
      assertThat(spill.read(second, TEXTS)).isEqualTo(new Text("two"));
      assertThat(spill.read(first, TEXTS)).isEqualTo(new Text("one"));
    }
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void ofAStudyThatCameToNothingNothingStays() throws IOException {
    Path made = folder.resolve("of/studies");
    StudyFolder.Settings settings = new StudyFolder.Settings(Map.of("layers", "*"), Map.of());
    try (StudyFolder study = StudyFolder.open(made)) {
      study.settle(settings, false);
    }
    assertThat(folder.resolve("of")).doesNotExist();
    Files.createDirectories(made);
    StudyFolder.open(made).close();
    assertThat(made).isEmptyDirectory();

    try (StudyFolder study = StudyFolder.open(made)) {
      study.settle(settings, false);
      study.journal().keepCautions("a network", List.of("a word"));
    }
    assertThat(StudyFolder.settingsOf(made)).isEqualTo(settings);
  }

  @Test
  void whatWasThereBeforeStays() throws IOException {
    Path notes = Files.writeString(folder.resolve("notes.txt"), "mine");
    StudyFolder.open(folder).close();
    assertThat(notes).hasContent("mine");
    Path journal = folder.resolve("figures.jsonl");
    byte[] begun = Files.readAllBytes(journal);
    Files.delete(notes);
    StudyFolder.open(folder).close();
    assertThat(journal).hasBinaryContent(begun);
  }

  @Test
  void whatAKilledProcessSpilledIsThrownAwayOnceTheStudyIsSettled() throws IOException {
    Path left = Files.createDirectories(folder.resolve(".spill")).resolve("0.bin");
    Files.writeString(left, "left");
    StudyFolder.Settings settings = new StudyFolder.Settings(Map.of("layers", "*"), Map.of());

    StudyFolder.open(folder).close();
    assertThat(left).exists();
    try (StudyFolder study = StudyFolder.open(folder)) {
      study.settle(settings, false);
      assertThat(folder.resolve(".spill")).doesNotExist();
    }
    Files.createDirectories(left.getParent());
    Files.writeString(left, "left");
    try (StudyFolder study = StudyFolder.open(folder)) {
      assertThatThrownBy(
              () -> study.settle(new StudyFolder.Settings(Map.of("layers", "a"), Map.of()), false))
          .hasMessageContaining("holds another study");
    }
    assertThat(left).exists();
  }

  @Test
  void whatIsSpilledByOthersStays() throws IOException {
    Path spill = Files.createDirectories(folder.resolve(".spill"));
    Path thesis = Files.writeString(spill.resolve("thesis.bin"), "years of work");
    Path inFolder = Files.createDirectories(spill.resolve("7.bin")).resolve("0.bin");
    Files.writeString(inFolder, "more years");
    Files.writeString(spill.resolve("7"), "a number");

    try (StudyFolder study = StudyFolder.open(folder)) {
      study.settle(new StudyFolder.Settings(Map.of(), Map.of()), false);
      int number = study.spill().write(new Text("one"), TEXTS);
      assertThat(study.spill().read(number, TEXTS)).isEqualTo(new Text("one"));
    }

    assertThat(thesis).hasContent("years of work");
    assertThat(inFolder).hasContent("more years");
    assertThat(spill.resolve("7")).exists();
    assertThat(spill.resolve("0.bin")).doesNotExist();
  }

  @Test
  void aLinkThatTakesThePlaceOfTheSpillIsRefusedAndNotFollowed() throws IOException {
    Path victim = Files.createDirectories(folder.resolve("victim"));
    Path inside = Files.writeString(victim.resolve("0.bin"), "not ours");
    Path study = Files.createDirectories(folder.resolve("study"));

    try (StudyFolder open = StudyFolder.open(study)) {
      Files.createSymbolicLink(study.resolve(".spill"), Path.of("../victim"));
      assertThatThrownBy(() -> open.settle(new StudyFolder.Settings(Map.of(), Map.of()), false))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(".spill is in the way: it is a link or a file");
      assertThatThrownBy(() -> open.spill().write(new Text("one"), TEXTS))
          .hasMessageContaining("in the way");
    }

    assertThat(inside).hasContent("not ours");
    assertThat(study.resolve("study.json")).doesNotExist();
  }

  private static void makePipe(Path pipe) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"figures.jsonl", "study.json", ".lock"})
  @DisabledOnOs(OS.WINDOWS)
  @Timeout(60)
  void aNamedPipeIsNotWaitedFor(String name) throws Exception {
    Path study = Files.createDirectories(folder.resolve("study"));
    makePipe(study.resolve(name));

    assertThatThrownBy(() -> StudyFolder.open(study))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(name + " is not a regular file");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  @Timeout(60)
  void aTableOrSettingsThatAreANamedPipeAreRefused() throws Exception {
    makePipe(folder.resolve("evolution.json"));
    makePipe(folder.resolve("study.json"));

    assertThatThrownBy(() -> EvolutionTables.read(folder))
        .hasMessageContaining("evolution.json is not a regular file");
    assertThatThrownBy(() -> StudyFolder.settingsOf(folder))
        .hasMessageContaining("study.json is not a regular file");
  }
}
