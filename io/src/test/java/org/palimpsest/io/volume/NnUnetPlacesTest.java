package org.palimpsest.io.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.fuzz.PickleWriter;
import org.palimpsest.io.npy.NpyFile;

/**
 * Where nnU-Net keeps its plans: in a checkpoint, in a folder of results or of preprocessed images,
 * or beside nothing. The arrays to compare with are nnU-Net's own (make_nnunet_volumes.py).
 */
class NnUnetPlacesTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRAINER = "nnUNetTrainer__nnUNetPlans__";

  @TempDir private Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(NnUnetPlacesTest.class.getResource("/volumes/nnunet/ct_mask/" + name).toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static JsonNode json(String name) throws IOException {
    return JSON.readTree(resource(name).toFile());
  }

  /** What torch.save writes of dictionaries, lists and numbers. */
  private Path checkpoint(String file, JsonNode content) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.resolveSibling(""));
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      PickleWriter pickle = new PickleWriter(2);
      write(content, pickle);
      zip.write(pickle.bytes());
      zip.putNextEntry(new ZipEntry("archive/version"));
      zip.write('3');
    }
    return path;
  }

  private static void write(JsonNode node, PickleWriter to) {
    if (node.isObject()) {
      to.steps("}(");
      node.properties()
          .forEach(
              entry -> {
                to.text(entry.getKey());
                write(entry.getValue(), to);
              });
      to.step('u');
    } else if (node.isArray()) {
      to.steps("](");
      node.forEach(item -> write(item, to));
      to.step('e');
    } else if (node.isBoolean()) {
      to.truth(node.booleanValue());
    } else if (node.isIntegralNumber()) {
      to.number(node.longValue());
    } else if (node.isNumber()) {
      to.real(node.doubleValue());
    } else if (node.isNull()) {
      to.step('N');
    } else {
      to.text(node.textValue());
    }
  }

  private Path checkpoint(String file, String configuration) throws IOException {
    ObjectNode content = JSON.createObjectNode().put("current_epoch", 3);
    content
        .putObject("init_args")
        .put("configuration", configuration)
        .set("plans", json("plans.json"));
    ((ObjectNode) content.get("init_args")).set("dataset_json", json("dataset.json"));
    return checkpoint(file, content);
  }

  private void assertPrepared(Path place, Optional<String> asked, String expected)
      throws IOException {
    VolumePreparation preparation = VolumePreparation.ofNnUnet(place, asked);
    Path array = folder.resolve("whole.npy");
    PatchSet.of(preparation, PatchRule.whole())
        .write(
            CaseFiles.group(List.of(resource("case_0000.nii.gz")), preparation.channels()), array);
    double[] made = SmallNifti.values(NpyFile.read(array));
    double[] wanted = SmallNifti.values(NpyFile.read(resource(expected)));
    assertThat(made).hasSameSizeAs(wanted);
    for (int i = 0; i < made.length; i++) {
      assertThat(made[i]).isBetween(wanted[i] - 1e-5, wanted[i] + 1e-5);
    }
    assertThat(preparation.foreground()).isNotEmpty();
    Files.delete(array);
  }

  @Test
  void aCheckpointHoldsThePlanThatItWasTrainedBy() throws IOException {
    Path full = checkpoint("full.pth", "3d_fullres");
    assertPrepared(full, Optional.empty(), "3d_fullres.npy");
    assertPrepared(full, Optional.of("2d"), "2d.npy");
    assertPrepared(checkpoint("flat.pth", "2d"), Optional.empty(), "2d.npy");
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(full, Optional.of("3d_lowres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("full.pth", "3d_lowres", "3d_fullres, 2d");
  }

  @Test
  void theLabelsOfACheckpointsDataSetAreThoseThatPatchesAreCentredOn() throws IOException {
    VolumePreparation ofFile =
        VolumePreparation.ofNnUnet(resource("plans.json"), Optional.of("2d"));
    VolumePreparation held =
        VolumePreparation.ofNnUnet(checkpoint("flat.pth", "2d"), Optional.empty());
    assertThat(held.foreground()).isEqualTo(ofFile.foreground()).contains(Set.of(1));
  }

  @Test
  void aFolderOfResultsTellsItsConfigurationByItsCheckpoint() throws IOException {
    for (String name : List.of(TRAINER + "2d", "renamed")) {
      Path results = folder.resolve(name);
      checkpoint(name + "/fold_1/checkpoint_final.pth", "2d");
      Files.copy(resource("plans.json"), results.resolve("plans.json"));
      Files.copy(resource("dataset.json"), results.resolve("dataset.json"));
      assertPrepared(results, Optional.empty(), "2d.npy");
    }
    assertPrepared(folder.resolve("renamed/fold_1"), Optional.empty(), "2d.npy");
  }

  @Test
  void aFolderOfResultsWithoutPlansHasThemInItsCheckpoints() throws IOException {
    checkpoint(TRAINER + "3d_fullres/fold_0/checkpoint_best.pth", "3d_fullres");
    assertPrepared(folder.resolve(TRAINER + "3d_fullres"), Optional.empty(), "3d_fullres.npy");
  }

  @Test
  void aFolderOfPreprocessedImagesHoldsPlansAlone() throws IOException {
    Path images = Files.createDirectory(folder.resolve("images"));
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(images, Optional.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll(images.toString(), "no plans.json", "no checkpoint of nnU-Net");
    Files.copy(resource("plans.json"), images.resolve("plans.json"));
    Files.copy(resource("dataset.json"), images.resolve("dataset.json"));
    assertPrepared(images, Optional.of("2d"), "2d.npy");
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(images, Optional.empty()))
        .hasMessageContainingAll("3d_fullres, 2d", "--configuration");
  }

  @Test
  void checkpointsWithoutAPlanAreRefused() throws IOException {
    Path bare = checkpoint("bare.pth", JSON.createObjectNode().put("current_epoch", 3));
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(bare, Optional.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("bare.pth", "holds no plans", "Give plans.json");
    Path empty = Files.writeString(folder.resolve("dataset.json"), "{\"labels\": {}}");
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(empty, Optional.empty()))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("dataset.json", "no 'configurations'");
  }

  /** An entry of the plans, or of its configuration 3d_fullres, is another one. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/transpose_forward | [0, 1, 1] | an order of the axes 0, 1 and 2",
        "/transpose_forward | [0, 1] | 3 integers",
        "/transpose_forward | [0, 1, 3] | an order of the axes 0, 1 and 2",
        "/image_reader_writer | 3 | image_reader_writer",
        "patch_size | [8] | two or three extents",
        "patch_size | [8, 8, 0] | two or three extents",
        "patch_size | [8, 8, 65537] | two or three extents",
        "patch_size | [8, 8, 8, 8] | two or three extents",
        "patch_size | [8.5, 8, 8] | a list of integers",
        "spacing | [1, 1] | as many numbers as 'patch_size' has",
        "spacing | [1, 1, 0] | a list of positive numbers",
        "spacing | [1, 1, -2] | a list of positive numbers",
        "spacing | [1, 1, '2'] | a list of positive numbers",
        "spacing | [] | as many numbers as 'patch_size' has",
        "normalization_schemes | [] | as many entries in 'use_mask_for_norm'",
        "normalization_schemes | 'CTNormalization' | as many entries in 'use_mask_for_norm'",
        "use_mask_for_norm | [true, false] | as many entries in 'use_mask_for_norm'",
        "use_mask_for_norm | [1] | a list of true and false",
        "use_mask_for_norm | null | as many entries in 'use_mask_for_norm'",
        "resampling_fn_seg | 'other' | the only one that is known here",
        "resampling_fn_data_kwargs | {'is_seg': true} | 'is_seg' is true where false",
        "resampling_fn_seg_kwargs | {'is_seg': false} | where true",
        "resampling_fn_seg_kwargs | {} | where true",
        "resampling_fn_data_kwargs | {'is_seg': false, 'order_z': 2} | 0, 1 or 3, the orders of splines",
        "resampling_fn_seg_kwargs | {'is_seg': true, 'order': 3} | 0 or 1, the orders of splines",
        "resampling_fn_seg_kwargs | {'is_seg': true, 'order': 1, 'order_z': 1} | 0, the only order of splines",
        "resampling_fn_data_kwargs | {'is_seg': false, 'axis': 1} | 'axis'",
        "resampling_fn_data_kwargs | {'is_seg': false, 'force_separate_z': 'yes'} | true or false",
      })
  void whatAPlanCannotMeanIsNamed(String entry, String value, String part) throws IOException {
    ObjectNode plans = (ObjectNode) json("plans.json");
    ObjectNode of =
        entry.startsWith("/") ? plans : (ObjectNode) plans.at("/configurations/3d_fullres");
    String name = entry.replace("/", "");
    assertThat(of.has(name)).isTrue();
    of.set(name, JSON.readTree(value.replace('\'', '"')));
    Path file = Files.writeString(folder.resolve("plans.json"), plans.toString());
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("plans.json")
        .hasMessageContaining(name.replace("_kwargs", ""))
        .hasMessageContaining(part);
  }

  @ParameterizedTest
  @CsvSource({"percentile_00_5", "percentile_99_5", "mean", "std"})
  void intensitiesThatAreMissingAreNamed(String property) throws IOException {
    ObjectNode plans = (ObjectNode) json("plans.json");
    ((ObjectNode) plans.at("/foreground_intensity_properties_per_channel/0")).put(property, "x");
    Path file = Files.writeString(folder.resolve("plans.json"), plans.toString());
    assertThatThrownBy(() -> VolumePreparation.ofNnUnet(file, Optional.of("3d_fullres")))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContainingAll("plans.json", "'" + property + "' is \"x\"", "a number");
  }
}
