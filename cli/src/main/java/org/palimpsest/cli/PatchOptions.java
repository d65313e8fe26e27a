package org.palimpsest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchRule;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How images become what a network was trained with, and which patches of them are shown. */
final class PatchOptions {

  private static final int AXES = 3;

  @Option(
      names = "--plan",
      paramLabel = "PLAN",
      description =
          "Prepare images as nnU-Net does: a checkpoint, a results folder, or plans.json, beside"
              + " which dataset.json may lie; or plans.pkl of nnU-Net v1.")
  private @Nullable Path plan;

  @Option(
      names = "--configuration",
      paramLabel = "NAME",
      description = "Which configuration of the plan, such as 3d_fullres or 2d.")
  private @Nullable String configuration;

  @Option(
      names = "--transforms",
      paramLabel = "FILE.json",
      description =
          "Prepare images by this list of MONAI's transforms, [{\"_target_\": \"Orientationd\","
              + " \"keys\": \"image\", \"axcodes\": \"RAS\"}, …]; or a MONAI bundle, whose"
              + " preprocessing is taken.")
  private @Nullable Path transforms;

  @Option(
      names = "--orientation",
      paramLabel = "RAS",
      description = "Turn volumes so that their axes go right, front and up, as MONAI does.")
  private @Nullable String orientation;

  @Option(
      names = "--spacing",
      paramLabel = "X,Y,Z",
      split = ",",
      description = "Bring voxels to these distances, in millimetres, as MONAI does.")
  private List<Double> spacing = List.of();

  @Option(names = "--whole", description = "Each case is one sample, not patches of it.")
  private boolean whole;

  @Option(
      names = "--patches",
      paramLabel = "centre|grid|random|foreground",
      description = {
        "Which patches of each case. (default: centre)",
        "centre: the middle one. grid: beside each other, overlapping. random: drawn anywhere."
            + " foreground: a third of them drawn around a voxel of a mask, as in nnU-Net's"
            + " training."
      })
  private PatchRule.@Nullable Kind kind;

  @Option(
      names = "--patch-size",
      paramLabel = "D,H,W",
      description = "How large patches are, in voxels after preparation. (default: the plan's)")
  private @Nullable PatchExtents size;

  @Option(
      names = "--overlap",
      paramLabel = "SHARE",
      description = "How much of a patch its neighbour in a grid covers. (default: 0.5)")
  private @Nullable Double overlap;

  @Option(
      names = "--count",
      paramLabel = "N",
      description =
          "How many patches of each case are drawn. (default: 8; of a grid, all that there are)")
  private @Nullable Integer count;

  @Option(
      names = "--foreground-share",
      paramLabel = "SHARE",
      description = "How many of the patches lie on the foreground for certain. (default: 0.33)")
  private @Nullable Double share;

  @Option(
      names = "--masks",
      paramLabel = "MASKS",
      split = ",",
      description =
          "Masks of labels on the images' own grid, or a folder of such: CASE.nii.gz for the images"
              + " CASE_0000.nii.gz and so on, or CASE_seg.nii.gz (after CASE anything that begins"
              + " with _ or -). With one case and one mask names do not matter. They are turned,"
              + " resampled and cut alike.")
  private List<Path> masks = List.of();

  @Option(
      names = "--previous",
      paramLabel = "SEGMENTATIONS",
      split = ",",
      description =
          "What the first network of nnU-Net v2's cascade found, called as masks are, for its second"
              + " one: they become a channel for each label, and no labels are written.")
  private List<Path> previous = List.of();

  @Option(
      names = "--slices",
      paramLabel = "x|y|z",
      description =
          "Across which axis of a volume that MONAI prepares slices lie, where --patch-size has two"
              + " extents. (default: x, its first; of a plan always the first axis)")
  private @Nullable SliceAxis slices;

  /** Axes as MONAI has them. */
  enum SliceAxis {
    X,
    Y,
    Z
  }

  @Option(
      names = "--without-blank",
      description = "Leave out patches of which every channel has one value everywhere.")
  private boolean withoutBlank;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Whether anything is said of how images are prepared. */
  boolean areGiven() {
    return plan != null || transforms != null || orientation != null || !spacing.isEmpty();
  }

  boolean haveMasks() {
    return !masks.isEmpty();
  }

  /** The one array of labels, if that is what is given as masks. */
  Optional<Path> onlyMask() {
    return masks.stream().filter(mask -> masks.size() == 1).findFirst();
  }

  /**
   * What is given without effect, since nothing tells how images are prepared.
   *
   * @param labelled whether masks are of use for themselves
   */
  void requireNone(boolean labelled) {
    if (arePatchesSaid(labelled)) {
      throw wrongUse(
          "Patches are asked for, but not how images are prepared: give --plan, --transforms,"
              + " --orientation or --spacing.");
    }
  }

  /** Whether an option tells of patches, or of masks that nothing else takes. */
  boolean arePatchesSaid(boolean labelled) {
    return whole
        || withoutBlank
        || kind != null
        || size != null
        || overlap != null
        || count != null
        || share != null
        || configuration != null
        || slices != null
        || !previous.isEmpty()
        || !masks.isEmpty() && !(labelled && onlyMask().isPresent());
  }

  VolumePreparation preparation() {
    VolumePreparation prepared = unsized();
    if (slices != null && (plan != null || size == null || size.extents().size() != 2)) {
      throw wrongUse(
          "--slices has a use with a --patch-size of two extents, and without --plan, which tells its"
              + " own axis.");
    }
    if (size == null) {
      return prepared;
    }
    prepared = slices == null ? prepared : prepared.withSliceAxis(slices.ordinal());
    List<Integer> own = prepared.patchSize();
    if (!own.isEmpty() && own.size() != size.extents().size()) {
      throw wrongUse(
          "The patches of this configuration have %s axes (%s), those of --patch-size %s."
              .formatted(own.size(), own, size.extents().size()));
    }
    return prepared.withPatchSize(size.extents());
  }

  private VolumePreparation unsized() {
    boolean simple = orientation != null || !spacing.isEmpty();
    int ways = (plan == null ? 0 : 1) + (transforms == null ? 0 : 1) + (simple ? 1 : 0);
    if (ways != 1) {
      throw wrongUse(
          "How images are prepared is told in several ways: give --plan, or --transforms, or"
              + " --orientation and --spacing.");
    }
    if (configuration != null) {
      requirePlan("--configuration");
    }
    if (plan != null) {
      return VolumePreparation.ofNnUnet(plan, Optional.ofNullable(configuration));
    }
    return transforms == null ? simple() : VolumePreparation.ofMonai(transforms);
  }

  void requirePlan(String option) {
    if (plan == null) {
      throw wrongUse(option + " has a use with --plan alone.");
    }
  }

  private VolumePreparation simple() {
    if (spacing.size() > AXES) {
      throw wrongUse(
          "--spacing takes one distance for each axis, X,Y,Z, and not %s.".formatted(spacing));
    }
    if (spacing.stream().anyMatch(distance -> !Double.isFinite(distance))) {
      throw wrongUse(
          "--spacing takes distances in millimetres such as 1,1,2.5, not %s.".formatted(spacing));
    }
    return VolumePreparation.of(Optional.ofNullable(orientation), spacing);
  }

  PatchRule rule(long seed) {
    PatchRule.Kind asked = kind == null ? PatchRule.Kind.CENTRE : kind;
    if (whole && kind != null) {
      throw wrongUse("Whole cases and patches are both asked for: give one.");
    }
    if (whole && size != null) {
      throw wrongUse("--patch-size has no use with --whole: give one of them.");
    }
    PatchRule.Kind chosen = whole ? PatchRule.Kind.WHOLE : asked;
    if (chosen == PatchRule.Kind.FOREGROUND && masks.isEmpty() && previous.isEmpty()) {
      throw wrongUse("--patches foreground needs the masks that hold it: give --masks.");
    }
    requireUse(overlap != null, "--overlap", chosen, PatchRule.Kind.GRID);
    requireUse(share != null, "--foreground-share", chosen, PatchRule.Kind.FOREGROUND);
    requireUse(
        count != null,
        "--count",
        chosen,
        PatchRule.Kind.GRID,
        PatchRule.Kind.RANDOM,
        PatchRule.Kind.FOREGROUND);
    try {
      return new PatchRule(
          chosen,
          overlap == null ? PatchRule.USUAL_OVERLAP : overlap,
          count == null ? OptionalInt.empty() : OptionalInt.of(count),
          seed,
          share == null ? PatchRule.USUAL_FOREGROUND_SHARE : share,
          withoutBlank);
    } catch (PalimpsestException beyond) {
      throw wrongUse(beyond.getMessage());
    }
  }

  private ParameterException wrongUse(@Nullable String message) {
    CommandSpec spec = Objects.requireNonNull(command);
    return new ParameterException(spec.commandLine(), message);
  }

  private void requireUse(
      boolean given, String option, PatchRule.Kind chosen, PatchRule.Kind... useful) {
    if (given && !List.of(useful).contains(chosen)) {
      List<String> words = new ArrayList<>();
      for (PatchRule.Kind kind : useful) {
        words.add("--patches " + Choice.word(kind));
      }
      throw wrongUse("%s has a use with %s alone.".formatted(option, String.join(", ", words)));
    }
  }

  List<CaseFiles> cases(List<Path> images, VolumePreparation preparation) {
    if (!masks.isEmpty() && !previous.isEmpty()) {
      throw wrongUse(
          "--masks and --previous are both given: what the first network found is prepared in the"
              + " masks' place. Prepare masks in a second run, with the same --seed.");
    }
    return CaseFiles.withMasks(
        CaseFiles.group(images, preparation.channels()), masks.isEmpty() ? previous : masks);
  }

  /** Makes the probes of these images. */
  PatchSet patches(VolumePreparation preparation, long seed) {
    PatchRule rule = rule(seed);
    if (rule.kind() != PatchRule.Kind.WHOLE && preparation.patchSize().isEmpty()) {
      throw wrongUse(
          "Nothing tells the size of patches: give --patch-size, or --whole for whole cases.");
    }
    PatchSet patches = PatchSet.of(preparation, rule);
    return previous.isEmpty() ? patches : patches.withStageBefore();
  }

  /** For people and for the record. */
  String describe(VolumePreparation preparation, long seed) {
    JsonNode origin = preparation.origin();
    String configured = origin.path("configuration").asText();
    String by =
        origin.has("file")
            ? origin.path("file").asText() + (configured.isEmpty() ? "" : ", " + configured)
            : "orientation %s, spacing %s"
                .formatted(orientation == null ? "as it is" : orientation, spacing);
    return "prepared by %s; %s".formatted(by, rule(seed).describe());
  }
}
