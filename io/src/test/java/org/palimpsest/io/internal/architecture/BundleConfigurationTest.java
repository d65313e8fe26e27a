package org.palimpsest.io.internal.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.JsonFiles;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.SmallNifti;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * Configurations whose entries change each other; the table is MONAI's, see
 * make_bundle_configurations.py.
 */
class BundleConfigurationTest {

  private static final String LOAD =
      "{'_target_': 'LoadImaged', 'keys': 'image', 'ensure_channel_first': true}";
  private static final String RANGE =
      "{'_target_': 'ScaleIntensityRanged', 'keys': 'image', 'a_min': -50, 'a_max': 50, 'b_min': 0,"
          + " 'b_max': 1, 'clip': true}";

  @TempDir private Path folder;

  @Test
  void whatIsReadIsMonaisOrRefused() throws URISyntaxException {
    Path table =
        Path.of(
            Objects.requireNonNull(
                    BundleConfigurationTest.class.getResource("/bundle_configurations.json"))
                .toURI());
    List<String> refused = new ArrayList<>();
    for (JsonNode row : JsonFiles.read(table)) {
      JsonNode configuration = row.path("configuration");
      try {
        JsonNode read =
            BundleReferences.entry(BundleConfiguration.of(configuration.deepCopy(), "x.json"), "A");
        assertThat(read).as(configuration.toString()).isEqualTo(row.get("A"));
      } catch (PalimpsestException failure) {
        assertThat(failure).hasMessageContaining("x.json");
        if (row.has("A")) {
          refused.add(configuration.toString());
        }
      }
    }
    assertThat(refused)
        .containsExactly(
            "{\"A\":{\"x\":[1,2]},\"A::x::-1\":3}",
            "{\"\":{\"A\":1}}",
            "{\"A\":1,\"\":{\"A\":2}}",
            "{\"A\":{\"x\":2,\"y\":\"%B::y\"},\"B\":{\"x\":1,\"y\":\"@::x\"}}",
            "{\"A\":\"%B\",\"B\":{\"x\":1,\"y\":\"@::x\"}}",
            "{\"A\":[\"@B\",2],\"B\":{\"_target_\":\"dict\",\"_disabled_\":\" TRUE \"}}");
  }

  private Path bundle(String name, String entries) throws IOException {
    Path configs = Files.createDirectories(folder.resolve("bundle/configs"));
    Files.writeString(configs.resolve(name), entries.replace('\'', '"'));
    return folder.resolve("bundle");
  }

  private double[] prepared(Path transforms) throws IOException {
    Path image =
        SmallNifti.write(
            folder.resolve("image.nii"),
            new int[] {5, 1, 1},
            new double[] {1, 1, 1},
            new float[] {-60, -25, 0, 20, 60});
    Path array = folder.resolve("whole.npy");
    PatchSet.of(VolumePreparation.ofMonai(transforms), PatchRule.whole())
        .write(CaseFiles.group(List.of(image), OptionalInt.empty()), array);
    INDArray made = NpyFile.read(array);
    return SmallNifti.values(made);
  }

  /** MONAI 1.6.1's values of these bundles. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'preprocessing::transforms::1::a_min': 0 | 0 | 0 | 0 | 0.4 | 1",
        "'preprocessing#transforms#1#a_min': 0 | 0 | 0 | 0 | 0.4 | 1",
        "'+preprocessing': {'transforms': [LOAD]} | -60 | -25 | 0 | 20 | 60",
        "'preprocessing::transforms::1::_disabled_': ' True' | -60 | -25 | 0 | 20 | 60",
        "'+preprocessing::transforms': [{'_target_': 'ScaleIntensityd', 'keys': 'image', 'maxv': 2}] | 0 | 0.5 | 1 | 1.4 | 2",
        "'off': true | 0 | 0.25 | 0.5 | 0.7 | 1"
      })
  void entriesThatChangeOthersAreFollowed(
      String entry, double a, double b, double c, double d, double e) throws IOException {
    String entries =
        "{'preprocessing': {'_target_': 'Compose', 'transforms': [LOAD, %s]}, %s}"
            .formatted(RANGE, entry)
            .replace("LOAD", LOAD);
    double[] expected = {a, b, c, d, e};
    Offset<Double> bound = within(1e-6);
    assertThat(prepared(bundle("inference.json", entries))).containsExactly(expected, bound);
    Path alone = folder.resolve("bundle/configs/inference.json");
    assertThat(prepared(alone)).containsExactly(expected, bound);
  }

  @Test
  void whatAnAliasOfYamlRepeatsIsChangedWithIt() throws IOException {
    Path bundle =
        bundle(
            "inference.yaml",
            """
            range: &range {_target_: ScaleIntensityRanged, keys: image, a_min: -50, a_max: 50, b_min: 0, b_max: 1, clip: true}
            preprocessing:
              _target_: Compose
              transforms:
              - {_target_: LoadImaged, keys: image, ensure_channel_first: true}
              - *range
            range::a_min: 0
            """);
    assertThat(prepared(bundle)[3]).isCloseTo(0.4, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'_target_': 'mypkg.ScaleIntensityRanged', 'keys': 'image', 'a_min': 0, 'a_max': 1}#'mypkg.ScaleIntensityRanged'",
        "{'_target_': 'scripts.Compose', 'transforms': []}#'scripts.Compose'",
        "{'_target_': 'monaix.Spacingd', 'keys': 'image', 'pixdim': 1}#'monaix.Spacingd'",
        "{'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 1, '_disabled_': 2.5}#'_disabled_' as 2.5",
        "{'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 1, '_disabled_': [0]}#'_disabled_' as [0]",
        "{'_target_': 'Spacingd', 'keys': 'image', 'pixdim': 1, '_disabled_': 'yes'}#'_disabled_' as \"yes\""
      })
  void transformsOfOthersAndMarksThatAreNoneAreRefused(String transformAndPart) throws IOException {
    String[] parts = transformAndPart.split("#", -1);
    String list = "[%s, %s]".formatted(LOAD, parts[0]);
    Path alone = Files.writeString(folder.resolve("list.json"), list.replace('\'', '"'));
    Path bundle =
        bundle(
            "inference.json",
            "{'preprocessing': {'_target_': 'Compose', 'transforms': %s}}".formatted(list));
    for (Path place : List.of(alone, bundle)) {
      assertThatThrownBy(() -> VolumePreparation.ofMonai(place))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining(parts[1]);
    }
  }

  /** {@code monai.bundle run} finds it there by itself. */
  @ParameterizedTest
  @ValueSource(strings = {"@_meta_::spacing", "@_meta_#spacing", "%_meta_::spacing"})
  void whatRefersToMetadataIsToldThatTheyAreNotRead(String reference) throws IOException {
    String entries =
        "{'preprocessing': [%s, {'_target_': 'Spacingd', 'keys': 'image', 'pixdim': '%s'}]}"
            .formatted(LOAD, reference);
    Path bundle = bundle("inference.json", entries);
    bundle("metadata.json", "{'spacing': 2}");
    assertThatThrownBy(() -> VolumePreparation.ofMonai(bundle))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(reference, "metadata.json, which is not read here");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'_target_': 'scripts.Compose', 'transforms': [LOAD]}",
        "{'_target_': 'Compose', '_disabled_': true, 'transforms': [LOAD]}"
      })
  void aListOfOthersOrOneThatIsDisabledIsRefused(String compose) throws IOException {
    Path bundle =
        bundle("inference.json", "{'preprocessing': %s}".formatted(compose.replace("LOAD", LOAD)));
    assertThatThrownBy(() -> VolumePreparation.ofMonai(bundle))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageMatching("(?s).*('scripts.Compose'|'_disabled_' is true).*");
  }
}
