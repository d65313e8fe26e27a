package org.palimpsest.io.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.EvolutionTable;
import org.palimpsest.core.evolution.EvolutionTable.CheckpointRecord;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.Measurement.MeasureFacts;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.measure.Interval;
import org.palimpsest.core.measure.MeasureProperties.Direction;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.probe.Fingerprint;

class EvolutionTablesTest {

  private static final TrainingRun RUN =
      new TrainingRun(
          "random/seed1",
          "random",
          OptionalLong.of(1),
          List.of(
              new Checkpoint(0, "a, b.pt", OptionalDouble.of(0.125)),
              new Checkpoint(7, "c.pt", OptionalDouble.empty())));

  private static final MeasureFacts CKA =
      new MeasureFacts(
          "linear_cka", "how <alike>", Optional.of(Direction.SIMILARITY), Range.UNIT, false, true);

  private static final MeasureFacts NORM =
      new MeasureFacts(
          "weight_norm_change",
          "norm over norm",
          Optional.empty(),
          new Range(-1, Double.POSITIVE_INFINITY),
          true,
          false);

  private static final EvolutionTable TABLE =
      new EvolutionTable(
          List.of(
              new EvolutionTable.Row(
                  Study.View.TO_START,
                  "random/seed1",
                  OptionalLong.of(7),
                  "enc,1",
                  "random/seed1",
                  OptionalLong.of(0),
                  "enc,1",
                  CKA,
                  new Measurement(
                      0.1 + 0.2,
                      OptionalDouble.empty(),
                      OptionalDouble.empty(),
                      12,
                      List.of("few \"samples\""),
                      Optional.of(new Measurement.Ranks(3, 4)))),
              new EvolutionTable.Row(
                  Study.View.TO_START,
                  "random/seed1",
                  OptionalLong.of(7),
                  "out",
                  "random/seed1",
                  OptionalLong.of(0),
                  "out",
                  NORM,
                  Measurement.of(-0.5, 9)),
              new EvolutionTable.Row(
                  Study.View.GROUPS,
                  "random",
                  OptionalLong.empty(),
                  "out",
                  "random",
                  OptionalLong.empty(),
                  "out",
                  CKA,
                  Measurement.of(1e-300, -1, 2.5, 3)),
              new EvolutionTable.Row(
                  Study.View.GROUPS,
                  "random",
                  OptionalLong.empty(),
                  "out",
                  "transfer",
                  OptionalLong.empty(),
                  "out",
                  "linear_cka p_value",
                  Measurement.of(0.25, 20))),
          List.of(
              new CheckpointRecord(RUN, RUN.start(), "aa", Optional.empty()),
              new CheckpointRecord(RUN, RUN.end(), "", Optional.of("c.pt is empty."))),
          List.of("a note"),
          new Fingerprint("0123456789abcdef".repeat(4)),
          "positions",
          "1.2.3");

  @TempDir private Path folder;

  @Test
  void whatWasWrittenIsRead() {
    EvolutionTables.write(TABLE, folder);

    assertThat(EvolutionTables.read(folder)).isEqualTo(TABLE);
  }

  private static EvolutionTable withIntervals(Interval ofFirst, Interval ofSecond) {
    List<EvolutionTable.Row> rows = new ArrayList<>(TABLE.rows());
    rows.set(0, withInterval(rows.get(0), ofFirst));
    rows.set(1, withInterval(rows.get(1), ofSecond));
    return new EvolutionTable(
        rows, TABLE.checkpoints(), TABLE.notes(), TABLE.probes(), TABLE.samples(), TABLE.version());
  }

  private static EvolutionTable.Row withInterval(EvolutionTable.Row row, Interval interval) {
    return row.withMeasurement(row.measurement().withOverProbes(Optional.of(interval)));
  }

  @Test
  void intervalsOverProbesHaveColumnsOfTheirOwn() throws IOException {
    EvolutionTable table =
        withIntervals(
            new Interval.Known(
                0.1 + 0.2,
                OptionalDouble.of(0.25),
                -0.125,
                0.5,
                0.9,
                Interval.Method.JACKKNIFE_ARTANH,
                12,
                OptionalDouble.of(0)),
            new Interval.Refused(-0.5, 3, "Too few, and why."));
    EvolutionTables.write(table, folder);

    assertThat(EvolutionTables.read(folder)).isEqualTo(table);
    List<String> lines = Files.readAllLines(folder.resolve("evolution.csv"));
    assertThat(lines.get(0))
        .endsWith(",value,low,high,n,warnings,corrected,level,method,units,note");
    assertThat(lines.get(1))
        .endsWith(
            ",-0.125,0.5,12,\"few \"\"samples\"\"\",0.25,0.9,jackknife on the artanh scale,12,");
    assertThat(lines.get(2)).endsWith(",-0.5,,,9,,,,,3,\"Too few, and why.\"");
    assertThat(lines.get(3)).endsWith(",-1.0,2.5,3,,,,,,");
  }

  @Test
  void csvQuotesWhatNeedsIt() throws IOException {
    EvolutionTables.write(TABLE, folder);

    assertThat(Files.readAllLines(folder.resolve("evolution.csv")))
        .contains(
            "to_start,random/seed1,7,\"enc,1\",random/seed1,0,\"enc,1\",linear_cka,0.30000000000000004,,,12,\"few \"\"samples\"\"\"");
  }

  @Test
  void csvFilesThatWereChangedAreNamed() throws IOException {
    EvolutionTables.write(TABLE, folder);
    assertThat(EvolutionTables.changed(EvolutionTables.read(folder), folder)).isEmpty();

    Path csv = folder.resolve("evolution.csv");
    Files.writeString(csv, Files.readString(csv).replace("linear_cka", "cka"));
    Files.delete(folder.resolve("checkpoints.csv"));

    assertThat(EvolutionTables.changed(EvolutionTables.read(folder), folder)).containsExactly(csv);
  }

  @Test
  void aTableThatCannotBeDrawnIsRefused() {
    EvolutionTables.write(
        new EvolutionTable(
            TABLE.rows(), List.of(), List.of(), TABLE.probes(), "positions", "1.2.3"),
        folder);
    assertThatThrownBy(() -> EvolutionTables.read(folder))
        .hasMessageContaining("names no checkpoint");

    EvolutionTable.Row named =
        TABLE.rows().get(0).withFacts(MeasureFacts.unknown("m".repeat(100_000)));
    EvolutionTables.write(
        new EvolutionTable(
            List.of(named), TABLE.checkpoints(), List.of(), TABLE.probes(), "positions", "1.2.3"),
        folder);
    assertThatThrownBy(() -> EvolutionTables.read(folder))
        .hasMessageContaining("the name of a measure has 100000 letters");
  }

  @Test
  void anotherFileIsNoTable() throws IOException {
    Files.writeString(folder.resolve("evolution.json"), "{\"figures\": [{\"view\": \"x\"}]}");

    assertThatThrownBy(() -> EvolutionTables.read(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("evolution.json is not a study's table");
    assertThatThrownBy(() -> EvolutionTables.read(folder.resolve("no")))
        .hasMessageContaining("holds no study");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"value\" : 0.30000000000000004', '\"value\" : \"NaN\"'",
    "'\"value\" : 0.30000000000000004', '\"value\" : NaN'",
    "'\"value\" : 0.30000000000000004', '\"value\" : 1e999'",
    "'\"low\" : -1.0', '\"low\" : \"-Infinity\"'",
    "'\"value\" : 0.30000000000000004', '\"value\" : \"0.3\"'",
    "'\"low\" : -1.0', '\"low\" : null'",
    "'\"n\" : 12', '\"n\" : 1.5'",
    "'\"step_a\" : 7', '\"step_a\" : 1e30'",
    "'\"score\" : \"0.125\"', '\"score\" : \"Infinity\"'"
  })
  void whatIsNoNumberIsRefused(String sound, String wrong) throws IOException {
    EvolutionTables.write(TABLE, folder);
    Path json = folder.resolve("evolution.json");
    String text = Files.readString(json);
    assertThat(text).contains(sound);
    Files.writeString(json, text.replace(sound, wrong));

    assertThatThrownBy(() -> EvolutionTables.read(folder))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("evolution.json is not a study's table")
        .hasMessageMatching("(?s).*(entry at line \\d+ |its checksum).*")
        .hasMessageNotContainingAny("JsonReadFeature", "StreamReadFeature");
  }

  @Test
  void aFolderKeepsToItsStudy() {
    StudyFolder.Settings first =
        new StudyFolder.Settings(Map.of("layers", "*"), Map.of("shown", "8 images"));
    StudyFolder.Settings other = new StudyFolder.Settings(Map.of("layers", "enc*"), Map.of());
    try (StudyFolder study = StudyFolder.open(folder)) {
      study.settle(first, false);
      study.settle(new StudyFolder.Settings(first.values(), Map.of("shown", "otherwise")), false);
      assertThatThrownBy(() -> study.settle(other, false))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("layers were '*' and are now 'enc*'");
      study.settle(other, true);
      assertThat(StudyFolder.settingsOf(folder)).isEqualTo(other);
    }
  }

  private static void requireDamageIsRefused(Path file, Runnable reading) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(file, damaged);
      assertThatThrownBy(reading::run).isInstanceOf(PalimpsestException.class);
    }
    for (int length = 0; length < whole.length; length += 5) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(reading::run).isInstanceOf(PalimpsestException.class);
    }
    for (String more : List.of("\n", "{}", "x")) {
      Files.write(file, whole);
      Files.writeString(file, more, StandardOpenOption.APPEND);
      assertThatThrownBy(reading::run).isInstanceOf(PalimpsestException.class);
    }
    Files.write(file, whole);
    reading.run();
  }

  @Test
  void aTableThatIsNotAsItWasWrittenIsRefused() throws IOException {
    EvolutionTables.write(TABLE, folder);

    requireDamageIsRefused(folder.resolve("evolution.json"), () -> EvolutionTables.read(folder));
  }

  @Test
  void settingsThatAreNotAsTheyWereWrittenAreRefused() throws IOException {
    try (StudyFolder study = StudyFolder.open(folder)) {
      study.settle(
          new StudyFolder.Settings(Map.of("layers", "*"), Map.of("shown", "8 images")), false);
      requireDamageIsRefused(folder.resolve("study.json"), () -> StudyFolder.settingsOf(folder));
    }
  }
}
