package org.palimpsest.io.internal.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.inspect.Inspection.ArchitectureDraft;
import org.palimpsest.io.internal.pytorch.TorchWeights;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * Golden values: hooks of PyTorch on the tools' own networks, see make_architecture_fixtures.py.
 */
class BuiltNetworksTest {

  private static final double BOUND = 1e-5;

  @TempDir private Path folder;

  private Path copy(String name) throws IOException {
    Path target = folder.resolve(name);
    try (InputStream in = BuiltNetworksTest.class.getResourceAsStream("/architectures/" + name)) {
      Files.copy(Objects.requireNonNull(in, name), target);
    }
    return target;
  }

  private void assertAsHooked(Path network, String truth, NetworkOptions options)
      throws IOException {
    ActivationSet values = Dumps.open(copy(truth + ".npz"));
    JsonNode places = JsonFiles.read(copy(truth + ".layers.json"));
    List<String> names = new ArrayList<>();
    try (ActivationSource source =
        FrontEnds.of(network, options).orElseThrow().open(RunLimits.withDefaults())) {
      ActivationSet captured =
          source.capture(Probes.of(values.get("probe").values()), LayerSelector.all());
      for (Map.Entry<String, JsonNode> place : places.properties()) {
        names.add(place.getKey());
        INDArray expected = values.get(place.getValue().asText()).values();
        INDArray difference = captured.get(place.getKey()).values().sub(expected);
        double scale = Math.max(1e-6, expected.amaxNumber().doubleValue());
        assertThat(difference.amaxNumber().doubleValue() / scale)
            .as(place.getKey())
            .isCloseTo(0, within(BOUND));
      }
      assertThat(captured.layers()).containsExactlyInAnyOrderElementsOf(names);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nnunet_plain_2d",
        "nnunet_residual_3d",
        "nnunet_nonlin_first",
        "nnunet_both_residual",
        "nnunet_plain_before_2_4",
        "nnunet_residual_before_2_4"
      })
  void nnUNetsLayersAreAsPythonsHooksSeeThem(String name) throws IOException {
    assertAsHooked(copy(name + ".pth"), name, NetworkOptions.none());
  }

  /** Whose digits would be those of the programs that are written for the runtime. */
  @Test
  void networksAreBuiltAlikeInEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG"));
      assertThat(String.format("%d", 5)).isNotEqualTo("5");
      assertAsHooked(copy("nnunet_plain_2d.pth"), "nnunet_plain_2d", NetworkOptions.none());
    } finally {
      Locale.setDefault(before);
    }
  }

  /** The weights are in one file, and what is done with them is in another one. */
  @Test
  void hashesOfAllFilesAreTold() throws IOException {
    Path description = copy("monai_unet.json");
    Path weights = copy("monai_unet.pth");
    NetworkOptions options = NetworkOptions.none().withArchitecture(description);
    assertThat(notesOfOpened(weights, options))
        .contains("made of monai_unet.json as well, of the SHA-256 " + Sha256.of(description));
    Path bundle = folder.resolve("bundle");
    Path configuration =
        Files.createDirectories(bundle.resolve("configs")).resolve("inference.json");
    Files.writeString(
        configuration, "{\"network_def\": %s}".formatted(Files.readString(description)));
    Files.copy(weights, Files.createDirectories(bundle.resolve("models")).resolve("model.pt"));
    assertThat(notesOfOpened(bundle, NetworkOptions.none()))
        .contains("made of inference.json as well, of the SHA-256 " + Sha256.of(configuration));
    Path results = folder.resolve("nnUNetTrainer__nnUNetPlans__2d");
    Path checkpoint = copy("nnunet_plain_2d.pth");
    Files.copy(
        checkpoint,
        Files.createDirectories(results.resolve("fold_0")).resolve("checkpoint_final.pth"));
    Path plans = results.resolve("plans.json");
    JsonNode own = TorchWeights.open(checkpoint).settings().at("/init_args/plans");
    Files.writeString(plans, own.toString());
    assertThat(notesOfOpened(results, NetworkOptions.none()))
        .contains("made of plans.json as well, of the SHA-256 " + Sha256.of(plans));
  }

  /** nnU-Net 2.2 to 2.8 count the older of two lists of channels, where both are there. */
  @Test
  void channelsAreThoseThatNnUnetCounts() throws IOException {
    Path checkpoint = copy("nnunet_plain_2d.pth");
    Path results = folder.resolve("nnUNetTrainer__nnUNetPlans__2d");
    Files.copy(
        checkpoint,
        Files.createDirectories(results.resolve("fold_0")).resolve("checkpoint_final.pth"));
    JsonNode settings = TorchWeights.open(checkpoint).settings().path("init_args");
    Files.writeString(results.resolve("plans.json"), settings.path("plans").toString());
    ObjectNode dataset = (ObjectNode) settings.path("dataset_json").deepCopy();
    dataset.set("modality", dataset.path("channel_names"));
    dataset.putObject("channel_names").put("0", "a").put("1", "b").put("2", "c").put("3", "d");
    Files.writeString(results.resolve("dataset.json"), dataset.toString());
    assertThat(notesOfOpened(results, NetworkOptions.none()))
        .anyMatch(note -> note.contains("made of dataset.json as well"));
  }

  private static List<String> notesOfOpened(Path file, NetworkOptions options) {
    try (ActivationSource opened =
        FrontEnds.of(file, options).orElseThrow().open(RunLimits.withDefaults())) {
      return opened.provenance().notes();
    }
  }

  /** Of the first version, see make_nnunet1_networks.py. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "nnunet1_plain_2d",
        "nnunet1_activation_first",
        "nnunet1_batch_norm_3d",
        "nnunet1_mish"
      })
  void layersOfItsFirstVersionAreAsPythonsHooksSeeThem(String name) throws IOException {
    copy(name + ".model.pkl");
    assertAsHooked(copy(name + ".model"), name, NetworkOptions.none());
  }

  @Test
  void aCheckpointOfTheFirstVersionNeedsItsSettingsBesideIt() throws IOException {
    Path file = copy("nnunet1_plain_2d.model");
    assertThatThrownBy(() -> Inputs.open(file))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("nnU-Net v1 and needs nnunet1_plain_2d.model.pkl beside it");
    copy("nnunet1_plain_2d.model.pkl");
    assertThat(notes(file, NetworkOptions.none()))
        .contains("nnU-Net v1, trained by nnUNetTrainerV2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "monai_unet",
        "monai_basicunet",
        "monai_untracked",
        "monai_dynunet",
        "monai_segresnet",
        "monai_attention"
      })
  void monaisLayersAreAsPythonsHooksSeeThem(String name) throws IOException {
    NetworkOptions described = NetworkOptions.none().withArchitecture(copy(name + ".json"));
    assertAsHooked(copy(name + ".pth"), name, described);
  }

  /** With what no tensor shows, a draft is the description. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "monai_unet | {}",
        "monai_basicunet | {'act': 'elu'}",
        "monai_untracked | {'norm': ['batch', {'track_running_stats': false}]}",
        "monai_dynunet | {}",
        "monai_segresnet | {'norm': ['GROUP', {'num_groups': 2}]}",
        "monai_attention | {}"
      })
  void whatIsDraftedOfMonaisNetworksIsTheNetwork(String name, String unseen) throws IOException {
    Path weights = copy(name + ".pth");
    Path draft = folder.resolve("draft.json");
    ArchitectureDraft.of(weights, NetworkOptions.none()).write(draft);
    ObjectNode described = (ObjectNode) JsonFiles.read(draft);
    described.remove("TODO");
    ObjectMapper json = new ObjectMapper();
    described.setAll((ObjectNode) json.readTree(unseen.replace('\'', '"')));
    Path settled = Files.write(folder.resolve("settled.json"), json.writeValueAsBytes(described));

    assertAsHooked(weights, name, NetworkOptions.none().withArchitecture(settled));
  }

  @ParameterizedTest
  @ValueSource(strings = {"monai_basicunet", "monai_untracked"})
  void aMapOfOnePointIsNotNormalisedByItself(String name) throws IOException {
    NetworkOptions described = NetworkOptions.none().withArchitecture(copy(name + ".json"));
    FrontEnds.Found found = FrontEnds.of(copy(name + ".pth"), described).orElseThrow();
    Probes images = Probes.of(Nd4j.ones(1, 1, 16, 16));
    try (ActivationSource source = found.open(RunLimits.withDefaults())) {
      assertThatThrownBy(() -> source.capture(images, LayerSelector.all()))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("several values for a channel");
    }
  }

  @Test
  void ofAResultsFolderTheLowestFoldWithTheBestKindOfCheckpointIsOpened() throws IOException {
    Path checkpoint = copy("nnunet_plain_2d.pth");
    Path results = folder.resolve("nnUNetTrainer__nnUNetPlans__own");
    put(checkpoint, results.resolve("fold_0/checkpoint_best.pth"));
    put(checkpoint, results.resolve("fold_3/checkpoint_final.pth"));
    put(checkpoint, results.resolve("fold_10/checkpoint_final.pth"));
    put(checkpoint, results.resolve("fold_all/checkpoint_final.pth"));

    assertThat(notes(results, NetworkOptions.none()))
        .anyMatch(note -> note.startsWith("the final checkpoint of fold 3"));
    assertThat(notes(results, NetworkOptions.none().withFold("0")))
        .anyMatch(note -> note.startsWith("the best checkpoint of fold 0"));
    assertThat(notes(results.resolve("fold_10"), NetworkOptions.none()))
        .anyMatch(note -> note.startsWith("the final checkpoint of fold 10"));
    assertThatThrownBy(() -> notes(results, NetworkOptions.none().withFold("7")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("fold 7")
        .hasMessageContaining("fold 0 best, fold 3 final");
  }

  @Test
  void whatWasRecognisedIsWhatIsOpened() throws IOException {
    Path file = copy("nnunet_plain_2d.pth");
    FrontEnds.Found found = FrontEnds.of(file, NetworkOptions.none()).orElseThrow();
    Files.copy(copy("nnunet_residual_3d.pth"), file, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> found.open(RunLimits.withDefaults()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("changed while it was read");
  }

  private static void put(Path file, Path target) throws IOException {
    Files.createDirectories(Objects.requireNonNull(target.getParent()));
    Files.copy(file, target);
  }

  private static List<String> notes(Path file, NetworkOptions options) {
    List<String> notes = new ArrayList<>();
    FrontEnds.of(file, options)
        .orElseThrow()
        .tell((outline, weights) -> notes.addAll(outline.notes()));
    return notes;
  }

  @Test
  void aBundlesNetworkIsFoundByItsReferences() throws IOException {
    Path bundle = folder.resolve("bundle");
    put(copy("monai_unet.pth"), bundle.resolve("models/model.pt"));
    Path configs = Files.createDirectories(bundle.resolve("configs"));
    Files.writeString(
        configs.resolve("inference.yaml"),
        """
        imports: [$import glob]
        width: [2, 3, 4]
        network: $@network_def.to(@device)
        network_def:
          _target_: monai.networks.nets.UNet
          _requires_: ['$glob.glob("*")']
          spatial_dims: 2
          in_channels: 1
          out_channels: '@width#0'
          channels: '@width'
          strides: [2, 2]
          num_res_units: 1
          norm: batch
          dropout: 0.1
        """);
    assertAsHooked(bundle, "monai_unet", NetworkOptions.none());
  }

  @Test
  void aBundlesEntriesThatChangeItsNetworkAreFollowed() throws IOException {
    Path bundle = folder.resolve("bundle");
    put(copy("monai_unet.pth"), bundle.resolve("models/model.pt"));
    String network =
        Files.readString(copy("monai_unet.json"))
            .replace("\"batch\"", "\"instance\"")
            .replace("[2, 3, 4]", "[2]");
    Path configs = Files.createDirectories(bundle.resolve("configs"));
    Files.writeString(
        configs.resolve("inference.json"),
        """
        {"network_def": %s, "network_def::norm": "batch", "+network_def#channels": [3],
        "network_def::channels::1": 4, "+network_def::channels": [4], "network_def#channels#1": 3}
        """
            .formatted(network));
    assertAsHooked(bundle, "monai_unet", NetworkOptions.none());
  }

  private Path bundleWith(String more) throws IOException {
    Path bundle = folder.resolve("bundle");
    put(copy("monai_unet.pth"), bundle.resolve("models/model.pt"));
    String network = Files.readString(copy("monai_unet.json"));
    Files.writeString(
        Files.createDirectories(bundle.resolve("configs")).resolve("inference.json"),
        "{\"device\": \"$torch.device('cpu')\", \"network_def\": %s, %s}"
            .formatted(network, more.replace('\'', '"'))
            .replace("SAME", network)
            .replace("OTHER", network.replace("\"batch\"", "\"instance\"")));
    return bundle;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'network': '$@network_def.to(@device)' | ",
        "'network': '@network_def' | ",
        "'network': SAME | ",
        "'network': '$@network_def.to(@device)', 'evaluator': {'network': '@network'} | ",
        "'evaluator': {'_target_': 'SupervisedEvaluator', 'network': '$@network_def'} | ",
        "'network': '$torch.nn.DataParallel(@network_def)' | 'network' is \"$torch.nn.DataParallel",
        "'network': '$@network_def.half()' | 'network' is \"$@network_def.half()",
        "'network': '$monai.networks.nets.SegResNet()' | 'network' is \"$monai.networks.nets.SegResNet()",
        "'network': {'_target_': 'torch.nn.DataParallel', 'module': '@network_def'} | 'network' is {\"_target_\":\"torch.nn.DataParallel\"",
        "'evaluator': {'network': '$load()'} | 'evaluator::network' is \"$load()\", which is not evaluated"
      })
  void whatABundleMakesOfItsNetworkIsTold(String entries, String note) throws IOException {
    List<String> notes = notes(bundleWith(entries), NetworkOptions.none());
    assertThat(notes).anyMatch(one -> one.startsWith("a MONAI bundle; the network is that of"));
    assertThat(notes.stream().filter(one -> one.contains("not evaluated")))
        .hasSize(note == null ? 0 : 1)
        .allMatch(one -> one.startsWith(String.valueOf(note)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'evaluator': {'inferer': {'_target_': 'SlidingWindowInferer', 'roi_size': [8, 8]}} | 'evaluator::inferer' is SlidingWindowInferer (roi_size [8,8]), by which",
        "'w': {'_target_': 'monai.inferers.SliceInferer'}, 'evaluator': {'inferer': '@w'} | 'evaluator::inferer' is SliceInferer, by which",
        "'inferer': {'_target_': 'SlidingWindowInferer'} | 'inferer' is SlidingWindowInferer, by which",
        "'validate': {'evaluator': {'inferer': '$windows()'}} | 'validate::evaluator::inferer' is \"$windows()\", by which",
        "'amp': true, 'evaluator': {'amp': '@amp'} | 'evaluator::amp' is true, so that",
        "'evaluator': {'amp': '$torch.cuda.is_available()'} | 'evaluator::amp' is \"$torch.cuda.is_available()\", so that",
        "'evaluator': {'mode': 'train'} | 'evaluator::mode' is \"train\"; here",
        "'evaluator': {'prepare_batch': '$scripts.prepare'} | 'evaluator::prepare_batch' is \"$scripts.prepare\"; what",
        "'evaluator': {'inferer': {'_target_': 'SimpleInferer'}, 'amp': false, 'mode': '$ForwardMode.EVAL'} | ",
        "'amp': '$False', 'evaluator': {'_target_': 'SupervisedEvaluator', 'amp': '@amp', 'postprocessing': '@p'}, 'inferer': {'_target_': 'SlidingWindowInferer'} | "
      })
  void whatABundlesEvaluatorDoesOtherwiseIsTold(String entries, String note) throws IOException {
    List<String> notes = notes(bundleWith(entries), NetworkOptions.none());

    assertThat(notes.stream().filter(one -> one.contains("here")))
        .hasSize(note == null ? 0 : 1)
        .allMatch(one -> one.startsWith(String.valueOf(note)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'network': OTHER | 'network'",
        "'net': OTHER | 'net'",
        "'evaluator': {'network': OTHER} | 'evaluator::network'",
        "'x': {'y': OTHER}, 'evaluator': {'network': '@x::y'} | 'evaluator::network'"
      })
  void aBundleWithTwoNetworksIsRefused(String entries, String second) throws IOException {
    Path bundle = bundleWith(entries);
    assertThatThrownBy(() -> notes(bundle, NetworkOptions.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("inference.json", "'network_def'", second);
  }

  @Test
  void entriesOfABundleThatLeadNowhereMatterWhereTheyAreAskedForAlone() throws IOException {
    Path sound =
        bundleWith(
            """
            'handlers::0::x': 1, '+train::lr': {'a': 1}, 'p': 3, 'p::x': 4, 'q': 1, '+q': 2,
            'evaluator::val_handlers::0': 1, 'other': '@nowhere', '+': {'z': 1}""");
    assertAsHooked(sound, "monai_unet", NetworkOptions.none());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'network_def::act::0': 1",
        "'network_def::channels::9': 1",
        "'+network_def::norm': {'x': 1}",
        "'x::y': 1, 'network_def::dropout': '@x::y'",
        "'evaluator::network': '@network_def'",
        "'::network_def': 1",
        "'': {'network_def': 1}",
        "'+': {'network_def::norm': 'x'}"
      })
  void entriesThatLeadNowhereAndConcernTheNetworkAreRefused(String entries) throws IOException {
    Path bundle = bundleWith(entries);
    assertThatThrownBy(() -> notes(bundle, NetworkOptions.none()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("inference.json", "the entry '");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"norm\": \"batch\" | \"norm\": \"instance\" | no place for",
        "\"norm\": \"batch\" | \"norm\": \"weight\" | not known",
        "\"out_channels\": 2 | \"out_channels\": 3 | has the shape",
        "\"out_channels\": 2 | \"out_channels\": \"$1 + 1\" | Python expression",
        "\"out_channels\": 2 | \"out_channels\": 2, \"gate\": true | 'gate'",
        "\"UNet\" | \"mylab.Net\" | 'mylab.Net'",
        "[2, 2] | [2] | strides",
        "\"num_res_units\": 1 | \"num_res_units\": 2 | has no tensor"
      })
  void whatDoesNotFitIsRefusedByName(String sound, String other, String named) throws IOException {
    Path weights = copy("monai_unet.pth");
    Path description = copy("monai_unet.json");
    String text = Files.readString(description);
    assertThat(text).contains(sound);
    Files.writeString(description, text.replace(sound, other));
    NetworkOptions described = NetworkOptions.none().withArchitecture(description);

    assertThatThrownBy(() -> notes(weights, described))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining(named);
  }
}
