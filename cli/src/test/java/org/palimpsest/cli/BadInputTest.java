package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.cli.SampleFiles.MODEL_A;
import static org.palimpsest.cli.SampleFiles.MODEL_B;
import static org.palimpsest.cli.SampleFiles.PROBES;
import static org.palimpsest.cli.SampleFiles.WEIGHTS;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.io.npy.NpyFile;

/** Every kind of bad input ends in one line and writes nothing. */
class BadInputTest {

  @TempDir private Path inputs;
  @TempDir private Path outputs;
  private Path folder;
  private Path archive;

  @BeforeEach
  void nameOutputs() {
    folder = outputs.resolve("result");
    archive = outputs.resolve("out.npz");
  }

  @AfterEach
  void nothingIsWritten() throws IOException {
    try (Stream<Path> written = Files.list(outputs)) {
      assertThat(written).isEmpty();
    }
  }

  private Outcome compare(Object... arguments) {
    return Outcome.of(
        Stream.concat(Stream.of("compare", "-o", folder), Stream.of(arguments)).toArray());
  }

  private Outcome capture(Object... arguments) {
    return Outcome.of(
        Stream.concat(Stream.of("capture", "-o", archive), Stream.of(arguments)).toArray());
  }

  @Test
  void whatIsSaidOfAModelThatTakesNothingIsRefusedByName() {
    for (String option : List.of("--architecture", "--key", "--fold", "--checkpoint")) {
      capture(MODEL_A, "--probes", PROBES, option, "best")
          .isOneLine(1, MODEL_A.toString(), "a TorchScript model", option, "says nothing");
      compare(MODEL_A, MODEL_A, "--probes", PROBES, option, ".", option, "best")
          .isOneLine(1, option, "says nothing");
    }
  }

  @Test
  void emptyWordsOfAListAreRefused() {
    for (String list : List.of("", ",", " , ", "a,,b", "a,", ",a", "a, ")) {
      capture(MODEL_A, "--probes", PROBES, "--layers", list)
          .isOneLine(2, "--layers", "'" + list + "'", "empty");
    }
    for (String option : List.of("--mean", "--sd", "--masks", "--previous", "--spacing")) {
      capture(MODEL_A, "--probes", PROBES, option, ",").isOneLine(2, option, "','", "empty");
    }
    for (String option : List.of("--views", "--weights", "--layers")) {
      Outcome.of("track", inputs, "-o", folder, option, ",").isOneLine(2, option, "','", "empty");
    }
    Outcome.of("compare", MODEL_A, MODEL_B, "--pairs", ",").isOneLine(2, "--pairs", "empty");
    Outcome.of("assess", inputs, "-o", folder, "--layers", ",").isOneLine(2, "--layers", "empty");
  }

  @Test
  void missingFile() {
    Path missing = inputs.resolve("missing.pt");
    compare(missing, MODEL_B, "--probes", PROBES).isOneLine(1, "missing.pt does not exist");
    compare(MODEL_A, missing, "--probes", PROBES).isOneLine(1, "missing.pt does not exist");
    capture(missing, "--probes", PROBES).isOneLine(1, "missing.pt does not exist");
    capture(MODEL_A, "--probes", missing).isOneLine(1, "missing.pt does not exist");
  }

  @Test
  void folderWithoutArrays() {
    compare(inputs, MODEL_B, "--probes", PROBES).isOneLine(1, inputs.toString(), ".npy");
  }

  @Test
  void emptyFile() throws IOException {
    Path empty = Files.createFile(inputs.resolve("empty.pt"));
    compare(empty, MODEL_B, "--probes", PROBES).isOneLine(1, "empty.pt is an empty file");
    capture(MODEL_A, "--probes", empty).isOneLine(1, "empty.pt is an empty file");
  }

  @Test
  void truncatedArchive() throws IOException {
    Path model = SampleFiles.truncated(inputs.resolve("cut.pt"), MODEL_A);
    capture(model, "--probes", PROBES).isOneLine(1, "cut.pt", "truncated");
    Path whole = SampleFiles.captured(inputs.resolve("whole.npz"), MODEL_A, PROBES);
    Path dump = SampleFiles.truncated(inputs.resolve("cut.npz"), whole);
    compare(dump, whole).isOneLine(1, "cut.npz", "truncated");
    Path array = SampleFiles.truncated(inputs.resolve("cut.npy"), PROBES);
    compare(array, whole).isOneLine(1, "cut.npy", "truncated");
  }

  @Test
  void packedBytesThatCannotBeUnpacked() throws IOException {
    byte[] sound = Files.readAllBytes(SampleFiles.savedByDl4j(inputs.resolve("saved.zip")));
    String name = "configuration.json";
    int header = new String(sound, StandardCharsets.ISO_8859_1).indexOf(name) - 30;
    int packed = header + 30 + name.length() + sound[header + 28];
    byte[] endless = sound.clone();
    endless[packed] &= ~1; // the block is no longer the last
    byte[] invalid = sound.clone();
    invalid[packed] |= 6; // and of no kind that there is
    Path file = inputs.resolve("damaged.zip");
    Files.write(file, endless);
    Outcome.of("weights", file).isOneLine(1, "damaged.zip", name, "packed bytes end too early");
    Files.write(file, invalid);
    Outcome.of("weights", file).isOneLine(1, "damaged.zip", name, "cannot be unpacked");
  }

  @Test
  void textThatIsCalledAModel() throws IOException {
    Path text = Files.writeString(inputs.resolve("notes.pt"), "not a network at all\n");
    capture(text, "--probes", PROBES).isOneLine(1, "notes.pt is plain text");
  }

  @Test
  void stateDictWhereAModelIsNeeded() {
    capture(WEIGHTS, "--probes", PROBES)
        .isOneLine(1, "weights.pth", "state dict", "weights", "torch.export.save");
    compare(WEIGHTS, MODEL_B, "--probes", PROBES).isOneLine(1, "weights.pth", "state dict");
  }

  @Test
  void damagedImageAsProbe() throws IOException {
    byte[] png = {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0};
    Path image = Files.write(inputs.resolve("image.png"), png);
    capture(MODEL_A, "--probes", image).isOneLine(1, "image.png");
  }

  @Test
  void folderWithoutImagesAsProbes() {
    capture(MODEL_A, "--probes", inputs).isOneLine(1, inputs + " holds no image and no volume");
  }

  @Test
  void imageWhereAModelIsNeeded() throws IOException {
    Path image = SampleFiles.image(inputs.resolve("image.pt"), 1);
    compare(image, MODEL_A, "--probes", PROBES).isOneLine(1, "image.pt is a PNG image");
  }

  @Test
  void preprocessingThatMakesNoSense() {
    capture(MODEL_A, "--probes", inputs, "--size", "16").isOneLine(2, "--size", "'16'");
    capture(MODEL_A, "--probes", inputs, "--normalise", "much").isOneLine(2, "much", "unit");
    capture(MODEL_A, "--probes", inputs, "--mean", "0.5").isOneLine(1, "mean");
  }

  @Test
  void activationsWhereAModelIsNeeded() {
    capture(PROBES, "--probes", PROBES).isOneLine(1, "probes.npy", "a model is needed");
  }

  @Test
  void probesOfTheWrongShape() {
    Path colour = SampleFiles.array(inputs.resolve("colour.npy"), 1, 2, 3, 16, 16);
    capture(MODEL_A, "--probes", colour).isOneLine(1, "a.pt", "[2, 3, 16, 16]");
    Path flat = SampleFiles.array(inputs.resolve("flat.npy"), 1, 2, 16);
    capture(MODEL_A, "--probes", flat).isOneLine(1, "a.pt", "[2, 16]");
    Path vector = SampleFiles.array(inputs.resolve("vector.npy"), 1, 16);
    capture(MODEL_A, "--probes", vector).isOneLine(1, "vector.npy", "[16]");
  }

  @Test
  void probesOfTheWrongType() throws IOException {
    String header = "{'descr': '<U4', 'fortran_order': False, 'shape': (2, 1), }";
    String start = "\u0093NUMPY\u0001\u0000" + (char) (header.length() + 1) + "\u0000";
    String text = start + header + "\n" + "\u0000".repeat(32);
    Path words = Files.writeString(inputs.resolve("words.npy"), text, StandardCharsets.ISO_8859_1);
    capture(MODEL_A, "--probes", words).isOneLine(1, "words.npy", "<U4");
    capture(MODEL_A, "--probes", MODEL_B).isOneLine(1, "b.pt is a TorchScript model");
  }

  @Test
  void probesThatAreNotFinite() {
    INDArray values = SampleFiles.numbers(1, 2, 1, 16, 16);
    values.putScalar(new int[] {1, 0, 3, 4}, Double.NaN);
    Path holed = inputs.resolve("holed.npy");
    NpyFile.write(holed, values);
    capture(MODEL_A, "--probes", holed).isOneLine(1, "holed.npy", "probe 1", "NaN");
  }

  @Test
  void unknownLayer() {
    capture(MODEL_A, "--probes", PROBES, "--layers", "botom").isOneLine(1, "'botom'", "bottom");
    Path dump = SampleFiles.captured(inputs.resolve("a.npz"), MODEL_A, PROBES);
    compare(dump, dump, "--layers", "enk*").isOneLine(1, "a.npz", "'enk*'", "enc");
  }

  @Test
  void unknownMeasure() {
    compare(MODEL_A, MODEL_B, "--probes", PROBES, "--measure", "linear_kca")
        .isOneLine(2, "linear_kca", "linear_cka");
  }

  @Test
  void parameterThatAMeasureDoesNotHave() {
    compare(MODEL_A, MODEL_B, "--probes", PROBES, "--measure", "svcca:much")
        .isOneLine(2, "svcca", "much");
  }

  @Test
  void notANumberInActivations() {
    INDArray values = SampleFiles.numbers(1, 12, 3);
    values.putScalar(new int[] {7, 2}, Double.NaN);
    Path holed = inputs.resolve("holed.npy");
    NpyFile.write(holed, values);
    Path whole = SampleFiles.array(inputs.resolve("whole.npy"), 2, 12, 3);
    compare(holed, whole).isOneLine(1, "holed", "NaN", "probe 7");
    compare(whole, holed).isOneLine(1, "holed", "NaN", "probe 7");
  }

  @Test
  void layersThatBothFilesHaveAreToldWithTheFile() throws IOException {
    INDArray sound = SampleFiles.numbers(1, 12, 3);
    Path whole = archive("whole.npz", sound);
    for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e200}) {
      INDArray values = SampleFiles.numbers(2, 12, 3);
      values.putScalar(new int[] {7, 2}, value);
      Path holed = archive("holed.npz", values);
      String[] told = {holed + ": ", "'enc1'", String.valueOf(value), "probe 7"};
      compare(whole, holed).isOneLine(1, told);
      compare(holed, whole).isOneLine(1, told);
      compare(holed, whole, "--max-memory", "1G").isOneLine(1, told);
      compare(holed, whole, "--feature-map", "pool").isOneLine(1, told);
    }
    Path constant = archive("constant.npz", sound.mul(0));
    compare(whole, constant).isOneLine(1, constant + ": ", "'enc1'");
    Path scalar = archive("scalar.npz", Nd4j.scalar(3.0));
    compare(whole, scalar).isOneLine(1, scalar + ": ", "'enc1'", "[]");
    Path lone = inputs.resolve("lone.npy");
    NpyFile.write(lone, Nd4j.scalar(3.0));
    compare(lone, whole).isOneLine(1, lone + ": ", "[]");
  }

  private Path archive(String name, INDArray values) throws IOException {
    Path array = inputs.resolve("array.npy");
    NpyFile.write(array, values);
    Path file = inputs.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("enc1.npy"));
      zip.write(Files.readAllBytes(array));
    }
    return file;
  }

  @Test
  void constantLayer() {
    Path constant = inputs.resolve("constant.npy");
    NpyFile.write(constant, SampleFiles.numbers(1, 12, 3).mul(0).add(2));
    Path whole = SampleFiles.array(inputs.resolve("whole.npy"), 2, 12, 3);
    compare(constant, whole).isOneLine(1, "'constant'");
  }

  @Test
  void differentNumbersOfSamples() {
    Path twelve = SampleFiles.array(inputs.resolve("twelve.npy"), 1, 12, 3);
    Path ten = SampleFiles.array(inputs.resolve("ten.npy"), 2, 10, 3);
    compare(twelve, ten).isOneLine(1, "twelve.npy holds 12", "ten.npy holds 10");
  }

  @Test
  void differentProbes() {
    Path others = SampleFiles.array(inputs.resolve("others.npy"), 5, 6, 1, 16, 16);
    Path a = SampleFiles.captured(inputs.resolve("a.npz"), MODEL_A, PROBES);
    Path b = SampleFiles.captured(inputs.resolve("b.npz"), MODEL_B, others);
    compare(a, b).isOneLine(1, "a.npz and b.npz saw different probes");
    compare(b, MODEL_A, "--probes", PROBES).isOneLine(1, "b.npz", "other probes", "probes.npy");
  }

  @Test
  void weightsOfWhatHoldsNone() throws IOException {
    Path text = Files.writeString(inputs.resolve("notes.pt"), "not a network at all");
    Outcome.of("weights", text).isOneLine(1, "notes.pt is plain text");
    Outcome.of("weights", inputs.resolve("missing.pth")).isOneLine(1, "missing.pth");
    Outcome.of("weights", WEIGHTS, "--without-prefix", "student.").isOneLine(1, "student.");
    Outcome.of("inspect", inputs.resolve("missing.pth")).isOneLine(1, "missing.pth");
  }

  @Test
  void modelWithoutProbes() {
    compare(MODEL_A, MODEL_B).isOneLine(2, "--probes");
    capture(MODEL_A).isOneLine(2, "--probes");
  }

  @Test
  void noLayerOfTheSameName() {
    Path a = SampleFiles.array(inputs.resolve("a.npy"), 1, 12, 3);
    Path b = SampleFiles.array(inputs.resolve("b.npy"), 2, 12, 3);
    compare(a, b, "--matched").isOneLine(1, "no layer of the same name");
  }

  @Test
  void placeThatCannotBeWrittenTo() throws IOException {
    Path file = Files.createFile(inputs.resolve("file"));
    Path below = file.resolve("below");
    Path a = SampleFiles.array(inputs.resolve("a.npy"), 1, 12, 3);
    Outcome.of("compare", a, a, "-o", below).isOneLine(1, file.toString());
    Outcome.of("compare", a, a, "-o", file).isOneLine(1, file.toString());
    Outcome.of("capture", MODEL_A, "--probes", PROBES, "-o", below).isOneLine(1, file.toString());
    Outcome.of("capture", MODEL_A, "--probes", PROBES, "-o", inputs)
        .isOneLine(1, inputs.toString());
  }
}
