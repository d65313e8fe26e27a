package org.palimpsest.io.fuzz;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * Lists of MONAI's transforms and plans of nnU-Net in which one setting is another one. Right is
 * another array or a refusal where the setting tells, the same array where it does not, and a
 * refusal of what is not known or not done here.
 */
final class UnusualPreparations {

  private enum Right {
    OTHER,
    SAME,
    REFUSED
  }

  /** Where a setting is, what is right, and the values that it is given. */
  private record Change(String place, Right right, List<String> values) {

    static Change of(String line) {
      String[] words = line.split(" ");
      return new Change(
          words[0], Right.valueOf(words[1]), Arrays.asList(words).subList(2, words.length));
    }
  }

  private record Base(String name, String folder, String configuration, String changes) {

    List<Change> all() {
      return changes.lines().map(Change::of).toList();
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TRANSFORMS =
      """
      [{"_target_": "LoadImaged", "keys": ["image"]},
       {"_target_": "EnsureChannelFirstd", "keys": ["image"]},
       {"_target_": "Orientationd", "keys": ["image"], "axcodes": "RAS"},
       {"_target_": "Spacingd", "keys": ["image"], "pixdim": [1.3, 1.1, 1.7], "mode": "bilinear"},
       {"_target_": "CropForegroundd", "keys": ["image"], "source_key": "image", "margin": 0,
        "allow_smaller": false},
       {"_target_": "ScaleIntensityRanged", "keys": ["image"], "a_min": -20, "a_max": 40,
        "b_min": 0.5, "b_max": 3},
       {"_target_": "ScaleIntensityd", "keys": ["image"], "minv": -2, "maxv": 9},
       {"_target_": "ScaleIntensityRangePercentilesd", "keys": ["image"], "lower": 5, "upper": 95,
        "b_min": 0, "b_max": 1, "clip": true},
       {"_target_": "NormalizeIntensityd", "keys": ["image"]}]""";

  private static final List<Base> BASES =
      List.of(
          new Base(
              "transforms",
              "monai/range",
              "",
              """
              /0/image_only SAME true false
              /0/_disabled_ REFUSED true
              /0/_target_ REFUSED "LoadImage" "Orientationd"
              /0/reader REFUSED "ITKReader" "PydicomReader"
              /0/dtype REFUSED "float16" "int16"
              /1/strict_check SAME false true
              /1/channel_dim REFUSED 0 -1
              /2/axcodes OTHER "LAS" "SPR" "LPI" "ASR"
              /2/allow_missing_keys SAME true
              /2/labels REFUSED [["L","R"],["P","A"],["I","S"]]
              /3/pixdim OTHER [2,1.1,1.7] [1.3,1.1,0.8] [1.3,2] 1.1
              /3/mode OTHER "nearest" 3
              /3/mode REFUSED "bicubic" 2 5 0 "3" "0" true ["bilinear","nearest"] []
              /3/mode SAME 1 "1" "trilinear"
              /3/align_corners SAME true false
              /3/keys REFUSED ["image","label"] ["image","image"] "label"
              /3/lazy REFUSED true
              /3/scale_extent REFUSED true
              /3/recompute_affine REFUSED true
              /3/min_pixdim OTHER [0.1,0.1,0.1]
              /3/dtype REFUSED "float32"
              /3/lazy SAME false
              /4/margin OTHER 2 [0,1,3]
              /4/allow_smaller SAME true
              /4/k_divisible OTHER 8 [16,1,1]
              /4/channel_indices SAME null 0
              /4/select_fn REFUSED "$lambda_x:x>1"
              /4/mode REFUSED "edge"
              /4/source_key REFUSED "label"
              /4/return_coords REFUSED true
              /5/a_min OTHER -50 0
              /5/a_max OTHER 60 41
              /5/b_min REFUSED "low"
              /5/clip OTHER true
              /6/minv REFUSED [1]
              /6/a_setting_of_tomorrow REFUSED 1 null true
              /7/lower OTHER 20
              /7/upper OTHER 60
              /7/upper REFUSED 101 -1
              /7/clip OTHER false
              /7/dtype REFUSED "float64"
              /8/nonzero OTHER true
              /8/subtrahend OTHER 0.25 -1
              /8/divisor OTHER 4 0.5
              /8/subtrahend REFUSED [1]
              /8/channel_wise SAME true
              /8/_target_ OTHER "ScaleIntensityd"
              /8/_target_ REFUSED "RandGaussianNoised" "ThresholdIntensityd"
              /8/_disabled_ OTHER true"""),
          new Base(
              "ct",
              "nnunet/ct_mask",
              "3d_fullres",
              """
              /image_reader_writer REFUSED "Tiff3DIO" "MyOwnIO"
              /transpose_forward OTHER [2,1,0] [1,0,2] [1,2,0]
              /transpose_forward REFUSED [0,0,1] [0,1]
              /dataset_name SAME "Dataset999_Y"
              /plans_name SAME "other"
              /foreground_intensity_properties_per_channel/0/mean OTHER 10.5
              /foreground_intensity_properties_per_channel/0/std OTHER 11
              /foreground_intensity_properties_per_channel/0/percentile_99_5 OTHER 20
              /foreground_intensity_properties_per_channel/0/median SAME 3
              /configurations/3d_fullres/spacing OTHER [2.5,1,1.4] [4,1,1]
              /configurations/3d_fullres/spacing REFUSED [0,1,1] [1,1] ["1",1,1]
              /configurations/3d_fullres/normalization_schemes OTHER ["ZScoreNormalization"]
              /configurations/3d_fullres/normalization_schemes OTHER ["RescaleTo01Normalization"]
              /configurations/3d_fullres/normalization_schemes OTHER ["NoNormalization"]
              /configurations/3d_fullres/normalization_schemes REFUSED ["MyOwn"] []
              /configurations/3d_fullres/use_mask_for_norm SAME [true]
              /configurations/3d_fullres/batch_size SAME 17
              /configurations/3d_fullres/patch_size SAME [8,8,8]
              /configurations/3d_fullres/data_identifier SAME "y"
              /configurations/3d_fullres/preprocessor_name REFUSED "MyPreprocessor"
              /configurations/3d_fullres/resampling_fn_data REFUSED "resample_torch_fornnunet"
              /configurations/3d_fullres/resampling_fn_data_kwargs/order OTHER 1 0
              /configurations/3d_fullres/resampling_fn_data_kwargs/order REFUSED 2 5 "3"
              /configurations/3d_fullres/resampling_fn_data_kwargs/force_separate_z OTHER false
              /configurations/3d_fullres/resampling_fn_data_kwargs/tomorrow REFUSED 1
              /configurations/3d_fullres/resampling_fn_seg_kwargs/order_z REFUSED 1"""),
          new Base(
              "turned",
              "nnunet/turned",
              "3d_fullres",
              """
              /image_reader_writer OTHER "SimpleITKIO" "NibabelIO"
              /transpose_forward OTHER [2,1,0] [0,1,2]
              /configurations/3d_fullres/use_mask_for_norm SAME [false,false]
              /configurations/3d_fullres/use_mask_for_norm REFUSED [true]
              /configurations/3d_fullres/normalization_schemes OTHER ["NoNormalization","RescaleTo01Normalization"]
              /configurations/3d_fullres/normalization_schemes REFUSED ["ZScoreNormalization"]
              /configurations/3d_fullres/spacing OTHER [1.2,1.2,2] [2,1.2,1.2]
              /configurations/3d_fullres/resampling_fn_data_kwargs/is_seg REFUSED true"""),
          new Base(
              "four",
              "nnunet/four",
              "3d_fullres",
              """
              /configurations/3d_fullres/use_mask_for_norm SAME [false,false,false]
              /configurations/3d_fullres/resampling_fn_data_kwargs/order_z OTHER 0 3
              /foreground_intensity_properties_per_channel/1/std OTHER 500
              /foreground_intensity_properties_per_channel/0/std SAME 500"""));

  private static final Map<String, List<Object>> USUAL = new ConcurrentHashMap<>();

  private UnusualPreparations() {}

  /** What is wrong with the preparation of this seed; empty if nothing is. */
  static String finding(long seed, Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Base base = BASES.get(random.nextInt(BASES.size()));
    List<Change> changes = base.all();
    Change change = changes.get(random.nextInt(changes.size()));
    JsonNode value = JSON.readTree(change.values.get(random.nextInt(change.values.size())));
    JsonNode settings = settings(base);
    JsonPointer place = JsonPointer.compile(change.place);
    ObjectNode parent = (ObjectNode) settings.at(place.head());
    parent.set(place.last().getMatchingProperty(), value);
    String what = "%s with %s = %s".formatted(base.name, change.place, value);
    List<Object> usual = usual(base, folder);
    try {
      boolean same = prepared(base, settings, folder).equals(usual);
      Right found = same ? Right.SAME : Right.OTHER;
      return found == change.right ? "" : "%s is %s".formatted(what, found);
    } catch (PalimpsestException refused) {
      boolean wrong = change.right == Right.SAME;
      return wrong ? what + " is refused: " + refused.getMessage() : "";
    } catch (RuntimeException failure) {
      return what + ": " + failure;
    }
  }

  private static List<Object> usual(Base base, Path folder) throws IOException {
    List<Object> known = USUAL.get(base.name);
    List<Object> usual = known == null ? prepared(base, settings(base), folder) : known;
    USUAL.put(base.name, usual);
    return usual;
  }

  private static JsonNode settings(Base base) throws IOException {
    return base.configuration.isEmpty()
        ? JSON.readTree(TRANSFORMS)
        : JSON.readTree(Files.readString(resources(base).resolve("plans.json")));
  }

  private static Path resources(Base base) {
    try {
      return Path.of(
          Objects.requireNonNull(UnusualPreparations.class.getResource("/volumes/" + base.folder))
              .toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The shape and the values. */
  private static List<Object> prepared(Base base, JsonNode settings, Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("plans.json"), settings.toString());
    Files.copy(
        resources(base).resolve(base.configuration.isEmpty() ? "transforms.json" : "dataset.json"),
        folder.resolve("dataset.json"),
        StandardCopyOption.REPLACE_EXISTING);
    VolumePreparation preparation =
        settings instanceof ArrayNode
            ? VolumePreparation.ofMonai(file)
            : VolumePreparation.ofNnUnet(file, Optional.of(base.configuration));
    List<Path> images;
    try (Stream<Path> all = Files.list(resources(base))) {
      images =
          all.filter(image -> image.getFileName().toString().matches("case_\\d{4}\\..*"))
              .sorted()
              .toList();
    }
    Path array = folder.resolve("prepared.npy");
    PatchSet.of(preparation, PatchRule.whole())
        .write(CaseFiles.group(images, OptionalInt.of(images.size())), array);
    INDArray read = NpyFile.read(array);
    double[] values = new double[(int) read.length()];
    TensorReader.of(read).read(0, values);
    return List.of(Arrays.toString(read.shape()), Arrays.hashCode(values));
  }
}
