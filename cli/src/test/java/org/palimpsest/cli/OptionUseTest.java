package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.palimpsest.cli.SampleFiles.MODEL_A;
import static org.palimpsest.cli.SampleFiles.PROBES;
import static org.palimpsest.cli.SampleFiles.WEIGHTS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** What is said of a file that does not take it is refused by name, by every command. */
class OptionUseTest {

  private static final Map<String, String> SAID =
      Map.of(
          "--architecture", "nope.json",
          "--key", "bogus",
          "--fold", "4",
          "--checkpoint", "best",
          "--without-prefix", "student.");
  private static final Set<String> ALL = SAID.keySet();
  private static final Set<String> DESCRIBED =
      Set.of("--architecture", "--key", "--without-prefix");

  /** What one kind of file takes. */
  private record Kind(Path file, String is, Set<String> asNetwork, Set<String> asWeights) {}

  @TempDir private Path folder;
  private final List<Kind> kinds = new ArrayList<>();

  @BeforeEach
  void makeOneOfEachKind() throws IOException {
    Path checkpoint = InspectCommandTest.ofIo("architectures/nnunet_plain_2d.pth");
    Path results = folder.resolve("nnUNetTrainer__nnUNetPlans__2d");
    Path fold = Files.createDirectories(results.resolve("fold_0"));
    Files.copy(checkpoint, fold.resolve("checkpoint_final.pth"));
    Path bundle = folder.resolve("bundle");
    Path configs = Files.createDirectories(bundle.resolve("configs"));
    Files.copy(
        InspectCommandTest.ofIo("architectures/monai_unet.pth"),
        Files.createDirectories(bundle.resolve("models")).resolve("model.pt"));
    Files.writeString(
        configs.resolve("inference.json"),
        "{\"network_def\": %s}"
            .formatted(Files.readString(InspectCommandTest.ofIo("architectures/monai_unet.json"))));
    Set<String> none = Set.of();
    Set<String> prefix = Set.of("--without-prefix");
    Set<String> names = Set.of("--key", "--without-prefix");
    kinds.add(new Kind(MODEL_A, "a TorchScript model", none, names));
    kinds.add(new Kind(InspectCommandTest.ofIo("onnx/unet.onnx"), "ONNX", none, prefix));
    kinds.add(new Kind(InspectCommandTest.ofIo("pt2/net.pt2"), "torch.export", none, prefix));
    kinds.add(new Kind(InspectCommandTest.ofIo("keras/unet3.keras"), "Keras", none, prefix));
    kinds.add(new Kind(InspectCommandTest.ofIo("keras/unet2.h5"), "Keras", none, prefix));
    kinds.add(
        new Kind(
            InspectCommandTest.ofIo("keras/unet2_weights.h5"),
            "weights of Keras",
            Set.of("--architecture"),
            Set.of("--architecture", "--without-prefix")));
    kinds.add(new Kind(SampleFiles.savedByDl4j(folder.resolve("net.zip")), "DL4J", none, prefix));
    kinds.add(new Kind(results, "that nnU-Net trained", Set.of("--fold", "--checkpoint"), none));
    kinds.add(new Kind(fold, "that nnU-Net trained", Set.of("--fold", "--checkpoint"), none));
    kinds.add(
        new Kind(
            fold.resolve("checkpoint_final.pth"),
            "a checkpoint of nnU-Net",
            Set.of("--architecture"),
            DESCRIBED));
    kinds.add(new Kind(bundle, "a MONAI bundle", DESCRIBED, DESCRIBED));
    kinds.add(new Kind(WEIGHTS, "PyTorch weights", DESCRIBED, DESCRIBED));
    kinds.add(
        new Kind(
            InspectCommandTest.ofIo("safetensors/model.safetensors"),
            "a safetensors file",
            Set.of("--architecture"),
            DESCRIBED));
  }

  @Test
  void whereNetworksAreRun() {
    Path out = folder.resolve("out");
    for (Kind kind : kinds) {
      for (String option : ALL) {
        Outcome captured =
            Outcome.of(
                "capture", kind.file(), "--probes", PROBES, option, SAID.get(option), "-o", out);
        Outcome compared =
            Outcome.of(
                "compare", MODEL_A, kind.file(), "--probes", PROBES, option, SAID.get(option));
        judge(captured, kind, option, kind.asNetwork());
        assertThat(compared.code()).as("%s %s", kind.file(), option).isEqualTo(1);
        assertThat(compared.err().contains("says nothing"))
            .as("compare %s %s: %s", kind.file(), option, compared.err())
            .isEqualTo(!kind.asNetwork().contains(option));
      }
    }
    assertThat(out).doesNotExist();
  }

  @Test
  void whereWeightsAreRead() {
    for (Kind kind : kinds) {
      for (String option : DESCRIBED) {
        judge(
            Outcome.of("weights", kind.file(), option, SAID.get(option)),
            kind,
            option,
            kind.asWeights());
        Outcome compared =
            Outcome.of(
                "weights-compare", kind.file(), kind.file(), option, ".", option, SAID.get(option));
        if (!option.equals("--without-prefix")) {
          judge(compared, kind, option, kind.asWeights());
        }
      }
      judge(
          Outcome.of("inspect", kind.file(), "--key", SAID.get("--key")),
          kind,
          "--key",
          kind.asWeights());
    }
  }

  /** By the same table, without a command before it. */
  @Test
  void whereJavaOpensAFile() {
    Path json = InspectCommandTest.ofIo("architectures/monai_unet.json");
    Map<String, NetworkOptions> said = new LinkedHashMap<>();
    said.put("--architecture", NetworkOptions.none().withArchitecture(json));
    said.put("--key", NetworkOptions.none().withKey("bogus"));
    said.put("--fold", NetworkOptions.none().withFold("4"));
    said.put("--checkpoint", NetworkOptions.none().withCheckpoint("best"));
    said.put("--without-prefix", NetworkOptions.none().withoutPrefixes(List.of("student.")));
    for (Kind kind : kinds) {
      said.forEach(
          (option, options) -> {
            String told =
                told(() -> Inputs.open(kind.file(), RunLimits.withDefaults(), options).close());
            assertThat(told.contains("says nothing"))
                .as("open %s %s: %s", kind.file(), option, told)
                .isEqualTo(!kind.asNetwork().contains(option));
            String ofWeights = told(() -> Inputs.weights(kind.file(), options));
            assertThat(ofWeights.contains("says nothing"))
                .as("weights of %s %s: %s", kind.file(), option, ofWeights)
                .isEqualTo(!kind.asWeights().contains(option));
          });
    }
  }

  private static String told(Runnable opening) {
    try {
      opening.run();
      return "";
    } catch (PalimpsestException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  /** Nothing that is said here fits any file, so that all of it is refused. */
  private static void judge(Outcome outcome, Kind kind, String option, Set<String> taken) {
    if (taken.contains(option)) {
      outcome.isOneLine(1, "palimpsest: ");
      assertThat(outcome.err()).doesNotContain("says nothing");
    } else if (option.equals("--without-prefix")) {
      outcome.isOneLine(1, option);
    } else {
      outcome.isOneLine(1, kind.file().toString(), kind.is(), option, "says nothing");
    }
  }

  @Test
  void whatFitsIsTaken() {
    Map<String, String> fitting = new LinkedHashMap<>();
    fitting.put("--fold", "0");
    fitting.put("--checkpoint", "final");
    Path results = folder.resolve("nnUNetTrainer__nnUNetPlans__2d");
    Path probes = SampleFiles.array(folder.resolve("two.npy"), 3, 2, 2, 8, 8);
    fitting.forEach(
        (option, value) -> {
          Outcome outcome =
              Outcome.of(
                  "capture", results, "--probes", probes, option, value, "-o", folder + "/o.npz");
          assertThat(outcome.code()).as(outcome.err()).isZero();
        });
    Path checkpoint = results.resolve("fold_0/checkpoint_final.pth");
    assertThat(Outcome.of("weights", checkpoint, "--key", "network_weights").code()).isZero();
  }

  @Test
  void moreThanOncePerFile() {
    for (String option : List.of("--key", "--fold")) {
      Outcome.of(
              "capture", WEIGHTS, "--probes", PROBES, option, "1", option, "2", "-o", folder + "/o")
          .isOneLine(1, option + " is given 2 times", "one file");
      Outcome.of("compare", WEIGHTS, MODEL_A, option, "1", option, "2", option, "3")
          .isOneLine(1, option + " is given 3 times", "2 files");
    }
  }

  @Test
  void ofAStudy() throws IOException {
    Path runs = Files.createDirectories(folder.resolve("runs/random/seed0"));
    Files.copy(MODEL_A, runs.resolve("step_0.pt"));
    Files.copy(MODEL_A, runs.resolve("step_9.pt"));
    for (String command : List.of("track", "assess")) {
      for (String option : ALL) {
        Path out = folder.resolve("study");
        Outcome.of(command, folder.resolve("runs"), "-o", out, option, SAID.get(option))
            .isOneLine(1, folder.resolve("runs").toString(), option);
        assertThat(out).doesNotExist();
      }
    }
  }

  /** MONAI runs what its CheckpointLoader names, whatever lies in the usual place. */
  @Test
  void weightsThatABundleLoadsFromAnotherFileAreRefused() throws IOException {
    Path configuration = folder.resolve("bundle/configs/inference.json");
    String network = Files.readString(configuration);
    String loader =
        ", \"path\": \"$@bundle_root + '/models/%s'\", \"handlers\": [{\"_target_\": \"CheckpointLoader\","
            + " \"load_path\": \"%s\", \"load_dict\": {\"model\": \"@network\"}}]}";
    for (String path : List.of("models/best.pt", "@path", "$@path", "$@root + '/models/best.pt'")) {
      write(configuration, network, loader.formatted("best.pt", path));
      Outcome.of("weights", folder.resolve("bundle"))
          .isOneLine(1, configuration.toString(), "best.pt", "handlers", "--architecture");
    }
    for (String path :
        List.of("models/model.pt", "@path", "$@root + '/models/model.pt'", "@none")) {
      write(configuration, network, loader.formatted("model.pt", path));
      assertThat(Outcome.of("weights", folder.resolve("bundle")).code()).isZero();
    }
  }

  private static void write(Path file, String object, String more) throws IOException {
    Files.writeString(file, object.strip().substring(0, object.strip().length() - 1) + more);
  }
}
