package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.study.StudyFolder;

class TrackCommandTest {

  private static final Path GUIDE = Path.of("..", "docs", "evolution.md");

  private static final String Z_SCORE = "ZScoreNormalization";

  @TempDir private Path temporary;
  private Path runs;
  private Path out;

  @BeforeEach
  void layOutRuns() throws IOException {
    runs = temporary.resolve("runs");
    out = temporary.resolve("out");
    for (String run : List.of("source", "random/seed0", "random/seed1", "transfer/seed0")) {
      Path folder = Files.createDirectories(runs.resolve(run));
      Files.copy(SampleFiles.MODEL_A, folder.resolve("step_0000.pt"));
      Files.copy(SampleFiles.MODEL_B, folder.resolve("step_0010.pt"));
    }
    Files.copy(SampleFiles.PROBES, runs.resolve("probes.npy"));
  }

  private Outcome track(Object... options) {
    return track(runs, options);
  }

  private Outcome track(Path of, Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("track", of, "-o", out, "--in-process"));
    arguments.addAll(Arrays.asList(options));
    return Outcome.of(arguments.toArray());
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(out.resolve(file));
  }

  @Test
  void allViewsAreInOneTable() throws IOException {
    Outcome outcome = track();

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("2 checkpoints, 2 to run");
    assertThat(outcome.out()).contains("LAST AGAINST FIRST", "bottom", "evolution.csv");
    assertThat(lines("evolution.csv").get(0))
        .isEqualTo(
            "view,run_a,step_a,layer_a,run_b,step_b,layer_b,measure,value,low,high,n,warnings");
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("to_start,random/seed0,10,enc,random/seed0,0,enc,linear_cka,"))
        .anyMatch(l -> l.startsWith("to_end,random/seed0,0,out,random/seed0,10,out,linear_cka,"))
        .anyMatch(l -> l.startsWith("to_source,transfer/seed0,0,enc,source,10,enc,linear_cka,"))
        .anyMatch(l -> l.startsWith("to_next,source,0,bottom,source,10,bottom,linear_cka,"))
        .anyMatch(l -> l.startsWith("steps,source,10,enc,source,0,enc,linear_cka,"))
        .anyMatch(l -> l.startsWith("layers,source,0,enc,source,10,bottom,linear_cka,"))
        .anyMatch(l -> l.startsWith("finals,random/seed0,10,enc,random/seed1,10,enc,linear_cka,"))
        .anyMatch(
            l -> l.matches("groups,random,,enc,transfer,,enc,linear_cka,(1\\.0|0\\.9999999).*"))
        .anyMatch(l -> l.contains(",bottom,weight_relative_change,"))
        .anyMatch(l -> l.contains(",bottom,filter_matched_cosine,"))
        .anyMatch(l -> l.contains(",bottom,filter_structure p_value,"))
        .noneMatch(l -> l.contains(",pool,"));
    assertThat(out.resolve("report.html")).exists();
  }

  @Test
  void intervalsOverProbesStandBesideTheFigures() throws IOException {
    Object[] asked = {
      "--interval", "--level", "0.9", "--views", "to_start,finals", "--weights", "none"
    };
    assertThat(track(asked).code()).isZero();

    List<String> lines = lines("evolution.csv");
    assertThat(lines.get(0)).endsWith(",n,warnings,corrected,level,method,units,note");
    assertThat(lines.subList(1, lines.size()))
        .allMatch(l -> l.contains(",0.9,jackknife on the artanh scale,") || l.contains("images"));
    assertThat(Files.readString(out.resolve("report.html")))
        .contains(">Intervals<")
        .doesNotContain("<section id=\"steps\"", "<section id=\"weights\"", "href=\"#weights\"");
    assertThat(out.resolve("pictures").toFile().list())
        .noneMatch(name -> name.startsWith("filters") || name.startsWith("matched"));
    assertThat(track(asked).err()).contains("0 to run; 0 comparisons of layers to make");
    track("--views", "to_start,finals", "--weights", "none")
        .isOneLine(1, "intervals were 'level 0.9, 1000 draws, seed 0'");
  }

  @Test
  void startedAgainItRunsNothingAndGivesTheSameTables() throws IOException {
    track("--views", "to_start,groups", "--weights", "change");
    byte[] before = Files.readAllBytes(out.resolve("evolution.json"));

    Outcome again = track("--views", "to_start,groups", "--weights", "change");

    assertThat(again.err()).contains("0 to run; 0 comparisons of layers to make");
    assertThat(Files.readAllBytes(out.resolve("evolution.json"))).isEqualTo(before);
  }

  @Test
  void anotherStudyInTheSameFolderIsRefusedUnlessItIsToGoOn() throws IOException {
    Object[] enc = {"--weights", "none", "--views", "to_start", "--layers", "enc"};
    track("--weights", "none", "--views", "to_start");

    track(enc).isOneLine(1, "holds another study", "layers were", "and are now 'enc'", "--resume");
    Outcome resumed = track(Stream.concat(Stream.of(enc), Stream.of("--resume")).toArray());

    assertThat(resumed.code()).isZero();
    assertThat(lines("evolution.csv")).noneMatch(l -> l.contains(",bottom,"));
  }

  @Test
  void aBrokenCheckpointIsReportedAndTheRestGoesOn() throws IOException {
    Path broken = runs.resolve("random/seed1/step_0005.pt");
    SampleFiles.truncated(broken, SampleFiles.MODEL_A);

    Outcome outcome = track("--views", "to_start", "--weights", "none");

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("warning: random/seed1, step 5: ", "1 of 9 checkpoints could not be used");
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("to_start,random/seed1,10,enc,"))
        .noneMatch(l -> l.startsWith("to_start,random/seed1,5,"));
    assertThat(lines("checkpoints.csv"))
        .anyMatch(l -> l.startsWith("random/seed1,5,random,1,") && l.contains("step_0005.pt"));
  }

  @Test
  void whatIsNoFileAndRunsWithoutCheckpointsAreToldAndTheRestGoesOn() throws IOException {
    Path link = runs.resolve("random/seed1/step_0005.pt");
    Files.createSymbolicLink(link, runs.resolve("none"));
    Files.createDirectory(runs.resolve("transfer/seed0/step_0005.pt"));
    Path empty = Files.createDirectories(runs.resolve("transfer/seed1"));

    Outcome outcome = track("--views", "to_start", "--weights", "none");

    assertThat(outcome.code()).isEqualTo(3);
    assertThat(outcome.err())
        .contains("random/seed1, step 5: " + link + " is a link that leads to no file")
        .contains("transfer/seed0, step 5: ", "is a folder; a file is needed here")
        .contains("left out: " + empty + " holds no checkpoint");
    assertThat(lines("checkpoints.csv"))
        .anyMatch(l -> l.contains("is a link that leads to no file"));
  }

  @Test
  void aCheckpointThatChangedIsLookedAtAgain() throws IOException {
    track("--views", "to_start", "--weights", "none");
    Path changed = runs.resolve("source/step_0010.pt");
    Files.delete(changed);
    Files.copy(SampleFiles.MODEL_A, changed);

    track("--views", "to_start", "--weights", "none");

    assertThat(lines("evolution.csv"))
        .anyMatch(l -> isAlike(l, "to_start,source,10,enc,source,0,enc,linear_cka,"))
        .noneMatch(l -> isAlike(l, "to_start,random/seed0,10,enc,random/seed0,0,enc,linear_cka,"));
  }

  private static boolean isAlike(String line, String prefix) {
    return line.startsWith(prefix)
        && Math.abs(Double.parseDouble(line.substring(prefix.length()).split(",", 2)[0]) - 1)
            < 1e-12;
  }

  @Test
  void aFolderInUseIsRefused() {
    try (StudyFolder inUse = StudyFolder.open(out)) {
      track().isOneLine(1, inUse.path().toString(), "is in use by another process");
    }
  }

  @Test
  void aSmallBoundOfMemoryGivesTheSameTable() throws IOException {
    track("--views", "to_start,layers,groups", "--weights", "change");
    List<String> whole = lines("evolution.csv");
    out = temporary.resolve("bounded");

    track("--views", "to_start,layers,groups", "--weights", "change", "--max-memory", "6g");

    assertThat(lines("evolution.csv")).isEqualTo(whole);
  }

  @Test
  void weightsAloneNeedNoNetworksCodeAndNoProbes() throws IOException {
    Path study = temporary.resolve("study.json");
    Files.copy(SampleFiles.WEIGHTS, temporary.resolve("step_20.pth"));
    Files.copy(SampleFiles.MODEL_A, temporary.resolve("step_0.pth"));
    Files.writeString(study, "{\"runs\": [{\"name\": \"one\", \"files\": \"step_{step}.pth\"}]}");

    track(study).isOneLine(2, "no probes", "--probes", "--measure none");
    Outcome weights = track(study, "--measure", "none");
    out = temporary.resolve("both");
    Outcome both = track(study, "--probes", SampleFiles.PROBES, "--views", "to_start");

    assertThat(weights.code()).isZero();
    assertThat(weights.out()).contains("weight_relative_change");
    assertThat(both.code()).isZero();
    assertThat(both.err()).contains("note: 1 checkpoints hold weights without the network's code");
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("to_start,one,20,bottom,one,0,bottom,weight_relative_change,"));
  }

  @Test
  void networksOfDl4jAreTrackedAsAllOthers() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("dl4j/random/seed0"));
    SampleFiles.savedByDl4j(folder.resolve("step_0.zip"), 1);
    SampleFiles.savedByDl4j(folder.resolve("step_10.zip"), 2);
    SampleFiles.array(temporary.resolve("dl4j/probes.npy"), 3, 6, 3);

    Outcome outcome = track(temporary.resolve("dl4j"), "--views", "to_start,layers");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("to_start,random/seed0,10,hidden,random/seed0,0,hidden,linear"))
        .anyMatch(l -> l.startsWith("layers,random/seed0,0,hidden,random/seed0,10,scores,linear_"))
        .anyMatch(l -> l.contains(",hidden,weight_relative_change,"));
  }

  @Test
  void networksInOnnxAreTrackedAsAllOthers() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("onnx/random/seed0"));
    Files.copy(InspectCommandTest.ofIo("onnx/unet.onnx"), folder.resolve("step_0.onnx"));
    Files.copy(InspectCommandTest.ofIo("onnx/unet.onnx"), folder.resolve("step_10.onnx"));
    SampleFiles.array(temporary.resolve("onnx/probes.npy"), 7, 5, 1, 8, 8);

    Outcome outcome = track(temporary.resolve("onnx"), "--views", "to_start");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.matches("to_start,random/seed0,10,.*deep.*,linear_cka,(1|0[.]9{9,}).*"))
        .anyMatch(l -> l.matches("to_start,.*deep,weight_relative_change,0(.0)?,.*"));
  }

  @Test
  void aRunOfNetworksOfTwoToolsIsRefused() throws IOException {
    SampleFiles.savedByDl4j(runs.resolve("random/seed1/step_0005.zip"), 1);

    track().isOneLine(1, "seed1", "several kinds", "step_0000.pt", "step_0005.zip", "JSON");
  }

  @Test
  void allLayersOfAnyTwoCheckpointsAreComparedIfTheyAreNamed() throws IOException {
    Outcome outcome =
        track("--views", "pairs", "--weights", "none", "--pair", "source@10,random/seed0@0");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("pairs,source,10,enc,random/seed0,0,bottom,linear_cka,"))
        .allMatch(l -> l.startsWith("pairs,source,10,") || l.startsWith("view,"));
    assertThat(out.resolve("pictures/pairs_linear_cka.png")).isNotEmptyFile();
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("source at step 10 / random/seed0 at step 0");
  }

  @Test
  void aPairThatIsNotThereIsRefused() {
    track("--pair", "source@10,random@0").isOneLine(1, "random@0", "random/seed0, random/seed1");
    track("--pair", "source@10,source@5").isOneLine(1, "source@5", "0, 10");
    track("--pair", "source@10").isOneLine(2, "no pair such as RUN@STEP,RUN@STEP");
    track("--views", "pairs").isOneLine(2, "--pair");
    assertThat(out).doesNotExist();
  }

  @Test
  void theGuidesStudyFileRuns() throws IOException {
    String guide = Files.readString(GUIDE);
    int from = guide.indexOf("```json") + "```json".length();
    Path study = temporary.resolve("study.json");
    Files.writeString(study, guide.substring(from, guide.indexOf("```", from)));
    Files.copy(SampleFiles.PROBES, temporary.resolve("images.npy"));
    for (String file : List.of("pretrained.pt", "t0/start.pt", "logs/r0/epoch_0.pt")) {
      copy(SampleFiles.MODEL_A, file);
    }
    copy(SampleFiles.MODEL_B, "t0/end.pt");
    copy(SampleFiles.MODEL_B, "logs/r0/epoch_40.pt");
    Files.writeString(temporary.resolve("logs/r0/log.json"), "[{\"step\": 40, \"dsc\": 0.5}]");

    Outcome outcome = track(study, "--weights", "none");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(lines("checkpoints.csv"))
        .anyMatch(l -> l.startsWith("source,800,source,,,"))
        .anyMatch(l -> l.startsWith("transfer/seed0,400,transfer,0,0.81,"))
        .anyMatch(l -> l.startsWith("random/seed0,40,random,0,0.5,"));
  }

  private void copy(Path from, String to) throws IOException {
    Path target = temporary.resolve(to);
    Files.createDirectories(target.getParent());
    Files.copy(from, target);
  }

  @Test
  void reportMakesThePageAgain() throws IOException {
    track("--views", "to_start,groups", "--weights", "change,filters");
    byte[] page = Files.readAllBytes(out.resolve("report.html"));
    Files.delete(out.resolve("report.html"));

    Outcome outcome = Outcome.of("report", out).isWell();

    assertThat(outcome.out()).contains("report.html");
    assertThat(Files.readAllBytes(out.resolve("report.html"))).isEqualTo(page);
  }

  @Test
  void reportOfAFolderWithoutAStudyIsAnError() {
    Outcome.of("report", runs).isOneLine(1, "holds no study", "'track'");
  }

  @Test
  void wrongUseLeavesNoFolder() {
    track("--views", "to_begin").isOneLine(2, "to_begin", "to_start");
    track("--weights", "colour").isOneLine(2, "colour", "change, filters, randomness");
    track("--measure", "none", "--weights", "none").isOneLine(2, "Neither");
    track("--measure", "linear_cak").isOneLine(2, "linear_cka");
    track("--measure", "none", "--interval").isOneLine(2, "--interval", "--measure");
    track("--interval", "--level", "95").isOneLine(2, "95");
    track("--level", "0.8").isOneLine(2, "give --interval too");
    track(temporary.resolve("nothing")).isOneLine(1, "there is no such folder");
    assertThat(out).doesNotExist();
  }

  @Test
  void whatShouldBeKnownOfAnswersIsSaidAndOnThePage() throws IOException {
    Path noisy = Files.createDirectories(temporary.resolve("noisy/random/seed0"));
    for (String step : List.of("step_0000.pt", "step_0010.pt")) {
      Files.copy(
          InspectCommandTest.ofIo("org/palimpsest/io/internal/torchscript/noisy.pt"),
          noisy.resolve(step));
    }
    SampleFiles.array(temporary.resolve("noisy/probes.npy"), 1, CaptureCommandTest.NOISY_PROBES);
    String note = "random/seed0, step 0 and 1 more: draws random numbers in evaluation mode";

    Outcome outcome =
        track(
            temporary.resolve("noisy"),
            "--layers",
            "*",
            "--weights",
            "none",
            "--views",
            "to_start");

    assertThat(outcome.err()).containsOnlyOnce("note: " + note);
    assertThat(out.resolve("evolution.json")).content().contains(note);
    assertThat(out.resolve("report.html")).content().contains(note);
  }

  private static Path described(String name) {
    return Path.of("..", "io", "src", "test", "resources", "architectures", name);
  }

  private Path probesOf(long... shape) {
    return SampleFiles.array(temporary.resolve("own.npy"), 3, shape);
  }

  /** A fold's checkpoints, all of epoch 5. */
  private Path resultsOfNnUnet() throws IOException {
    Path results = temporary.resolve("Dataset001_X/nnUNetTrainer__nnUNetPlans__2d");
    for (String fold : List.of("fold_0", "fold_1")) {
      Path folder = Files.createDirectories(results.resolve(fold));
      Files.copy(described("nnunet_plain_2d.pth"), folder.resolve("checkpoint_final.pth"));
    }
    Files.copy(described("nnunet_plain_2d.pth"), results.resolve("fold_0/checkpoint_best.pth"));
    return results;
  }

  @Test
  void theFoldsOfNnUnetAreAStudyAsTheyLie() throws IOException {
    Path results = resultsOfNnUnet();
    Path probes = probesOf(2, 2, 8, 8);

    Outcome outcome = track(results, "--probes", probes, "--weights", "none");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err())
        .contains("checkpoint_best.pth left out: it is of epoch 5 like checkpoint_final.pth")
        .contains("its blocks are taken: encoder.stages.0, ", "--layers '**' takes all")
        .contains("not every fold has a checkpoint of epoch 0");
    assertThat(outcome.out()).contains("LAST OF ANY TWO RUNS");
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("\"stepAxis\":\"epoch\"", "The last checkpoints of any two runs, layer by layer");
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("finals,fold_0,5,decoder.stages.1,fold_1,5,decoder.stages.1,"))
        .noneMatch(l -> l.contains(",decoder.transpconvs.0,linear_cka"));
    assertThat(Outcome.of("report", out).code()).isZero();
    assertThat(track(results, "--probes", probes, "--weights", "none", "--fold", "0").err())
        .contains("holds another study", "folds were '' and are now '0'");
    assertThat(track(results, "--measure", "none", "--fold", "0", "--resume").code()).isZero();
    assertThat(lines("checkpoints.csv")).noneMatch(l -> l.startsWith("fold_1"));
  }

  @Test
  void aDamagedCheckpointOfAFoldIsToldAndTheOthersAreTracked() throws IOException {
    Path results = resultsOfNnUnet();
    Path broken = results.resolve("fold_1/checkpoint_latest.pth");
    SampleFiles.truncated(broken, described("nnunet_plain_2d.pth"));

    Outcome outcome = track(results, "--measure", "none", "--views", "finals");

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(3);
    assertThat(outcome.err()).contains("warning: left out: " + broken);
  }

  private Outcome againstStart(Path of, Object... options) {
    List<Object> all = new ArrayList<>(List.of("--views", "to_start", "--weights", "change"));
    all.addAll(Arrays.asList(options));
    return track(of, all.toArray());
  }

  @Test
  void stateDictsRunByTheArchitectureThatIsGivenOrLiesBesideThem() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("dicts/random/seed0"));
    Files.copy(described("monai_unet.pth"), folder.resolve("step_0000.pth"));
    Files.copy(described("monai_unet.pth"), folder.resolve("step_0010.pth"));
    Path architecture = temporary.resolve("net.json");
    Files.copy(described("monai_unet.json"), architecture);
    Path dicts = temporary.resolve("dicts");
    Path probes = probesOf(2, 1, 8, 8);

    Outcome given = againstStart(dicts, "--probes", probes, "--architecture", architecture);

    assertThat(given.code()).as(given.err()).isZero();
    assertThat(lines("evolution.csv"))
        .anyMatch(l -> l.startsWith("to_start,random/seed0,10,model.1.submodule.0,random/seed0,0,"))
        .anyMatch(l -> l.contains(",model.0.conv.unit0.conv,weight_relative_change,"));
    assertThat(Outcome.of("report", out).code()).isZero();
    Files.writeString(architecture, Files.readString(architecture).replace("0.1", "0.2"));
    assertThat(againstStart(dicts, "--probes", probes, "--architecture", architecture).err())
        .contains("holds another study", "architectures were 'net.json ");
    Files.copy(architecture, dicts.resolve("architecture.json"));
    Outcome beside = againstStart(dicts, "--probes", probes, "--resume");
    assertThat(beside.code()).as(beside.err()).isZero();
    assertThat(beside.err()).contains("1 to run");
  }

  @Test
  void whatIsSaidOfNoCheckpointIsRefused() {
    track("--architecture", described("monai_unet.json"))
        .isOneLine(1, "holds no state dict", "--architecture");
    track("--key", "ema").isOneLine(1, "holds no state dict", "--key");
    track("--without-prefix", "student.").isOneLine(1, "--without-prefix student.");
    track("--fold", "0").isOneLine(1, "no results folder of nnU-Net");
    assertThat(track("--key", "a", "--key", "b").err()).contains("once for all checkpoints");
  }

  @Test
  void aDataSetsFolderIsToldAsResultsOfNnUnet() throws IOException {
    Path results = resultsOfNnUnet();

    assertThat(Outcome.of("inspect", results).isWell().out())
        .contains("results of nnU-Net: 2 folds", "fold_1: checkpoints of the epochs [5]", "track ");
    assertThat(Outcome.of("inspect", results.resolveSibling("")).isWell().out())
        .contains("results of nnU-Net: 2 folds", "track ");
  }

  /** nnU-Net's own predictor goes by the plans beside the folds. */
  @Test
  void plansBesideTheFoldsAreTakenByAllCommands() throws IOException {
    Path results = resultsOfNnUnet();
    Path probes = probesOf(2, 2, 8, 8);
    Path checkpoint = results.resolve("fold_0/checkpoint_final.pth");
    JsonNode plans = TorchWeights.open(checkpoint).settings().path("init_args").path("plans");
    Outcome before = track(results, "--probes", probes, "--weights", "none");
    assertThat(before.code()).as(before.err()).isZero();
    List<String> figures = lines("evolution.csv");

    Files.writeString(
        results.resolve("plans.json"),
        plans.toString().replace("activation.LeakyReLU", "activation.Tanh"));
    Outcome after = track(results, "--probes", probes, "--weights", "none");

    assertThat(after.code()).as(after.err()).isZero();
    assertThat(lines("evolution.csv")).isNotEqualTo(figures);
    List<List<String>> scores = new ArrayList<>();
    for (Path model : List.of(results.resolve("fold_0"), checkpoint)) {
      Outcome compared =
          Outcome.of(
              "compare", model, results.resolve("fold_1"), "--probes", probes, "--format", "csv");
      scores.add(compared.out().lines().map(line -> line.split(",")[3]).toList());
      assertThat(Outcome.of("inspect", model).out())
          .contains("plans.json beside the folds differs");
    }
    assertThat(scores.get(0)).isEqualTo(scores.get(1));
  }

  @Test
  void probesThatAreNotNormalisedAsThePlansSayAreNoted() throws IOException {
    Path fold = resultsOfNnUnet().resolve("fold_0");
    JsonNode plans =
        TorchWeights.open(fold.resolve("checkpoint_final.pth"))
            .settings()
            .path("init_args")
            .path("plans");
    plans
        .path("configurations")
        .forEach(
            one -> ((ObjectNode) one).putArray("normalization_schemes").add(Z_SCORE).add(Z_SCORE));
    Files.writeString(fold.resolveSibling("plans.json"), plans.toString());
    Path raw = temporary.resolve("raw.npy");
    NpyFile.write(raw, Nd4j.ones(DataType.FLOAT, 2, 2, 8, 8).muli(255));
    String said = "not normalised as its plans say";

    assertThat(compared(fold, raw)).contains(said);
    assertThat(compared(fold, probesOf(2, 2, 8, 8))).doesNotContain(said);
  }

  private static String compared(Path fold, Path probes) {
    Outcome outcome =
        Outcome.of("compare", fold, fold, "--probes", probes, "--layers", "encoder.stages.0");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome.err();
  }
}
