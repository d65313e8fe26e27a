package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.image.Preprocessing.Normalisation;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What models are shown, and what is done to images before. */
final class ProbeOptions {

  static final String PROBES = "--probes";

  @Option(
      names = PROBES,
      paramLabel = "PROBES",
      description =
          "What models are shown: an .npy of inputs, samples first, such as (n, c, h, w); or an"
              + " image (PNG, TIFF, GIF, JPEG, BMP) or NIfTI volume, or a folder of these, in the order"
              + " of their names; or some files of a folder, 'DIR/*.png', in quotes so that the"
              + " shell hands it on as it is.")
  private @Nullable String given;

  @Option(
      names = "--probe-files",
      paramLabel = "GLOB",
      description =
          "Of a folder, only the files of this name: '*_image.png'; or, after an exclamation mark,"
              + " all but these: '!*_mask.png'. May be given several times. (default: all images"
              + " and volumes)")
  private List<String> globs = List.of();

  @Option(
      names = "--channels",
      paramLabel = "1|3",
      description = "Make images grey (1) or colour (3). (default: as they are)")
  private @Nullable Integer channels;

  @Option(
      names = "--size",
      paramLabel = "HxW",
      description = "Resize images to this height and width. (default: as they are)")
  private @Nullable ImageSize size;

  @Option(
      names = {"--normalise", "--normalize"},
      paramLabel = "none|unit|standardise",
      defaultValue = "none",
      description = {
        "What is done to the numbers of images, as when the network was trained. (default:"
            + " ${DEFAULT-VALUE})",
        "none: nothing. unit: divided by the greatest value of their type (255, 65535).",
        "standardise: each image to mean 0 and standard deviation 1."
      })
  private Normalisation normalisation = Normalisation.NONE;

  @Option(
      names = "--mean",
      paramLabel = "M,…",
      hideParamSyntax = true,
      split = ",",
      description = "After that, subtract this from each channel (one number, or one per channel).")
  private List<Double> mean = List.of();

  @Option(
      names = "--sd",
      paramLabel = "S,…",
      hideParamSyntax = true,
      split = ",",
      description = "And divide by this. (default for both: nothing is done)")
  private List<Double> deviation = List.of();

  @Mixin private PatchOptions patches = new PatchOptions();

  private boolean labelled;

  /**
   * Says that {@code --masks} may be the labels of probes that are arrays.
   *
   * @return where these labels lie, if they are given so
   */
  Optional<Path> labels() {
    labelled = true;
    return patches.areGiven() ? Optional.empty() : patches.onlyMask();
  }

  boolean areGiven() {
    return given != null;
  }

  /**
   * Opens them, if they are given.
   *
   * @param seed decides which patches of volumes are drawn
   */
  Optional<ShownProbes> open(long seed, PrintWriter err) {
    if (given == null) {
      requireNothingSaid();
      return Optional.empty();
    }
    return Optional.of(open(ProbePlace.of(given), seed, err));
  }

  private void requireNothingSaid() {
    if (patches.areGiven()) {
      throw new PalimpsestException(
          "Images are to be prepared, but none are given after --probes.");
    }
    boolean treated = !globs.isEmpty() || !preprocessing().equals(Preprocessing.none());
    if (treated || patches.arePatchesSaid(labelled)) {
      throw new PalimpsestException(
          "Options tell which images are shown, or how (--probe-files, --channels, --size, --normalise, --mean, --sd, --patches and the like, --masks without --region), but none are given after --probes. Leave them out, or give the images.");
    }
  }

  /** Opens them or, if none are given, others. */
  ShownProbes openOr(Path others, long seed, PrintWriter err) {
    return open(given == null ? ProbePlace.of(others) : ProbePlace.of(given), seed, err);
  }

  private ShownProbes open(ProbePlace place, long seed, PrintWriter err) {
    if (patches.areGiven()) {
      return prepared(place, seed, err);
    }
    patches.requireNone(labelled);
    Preprocessing preprocessing = preprocessing();
    List<String> chosen = chosen(place);
    Probes probes = Inputs.probes(place.file(), chosen, preprocessing);
    boolean images = Inputs.areImages(place.file());
    return new ShownProbes(
        place.file(), chosen, probes, images ? preprocessing.describe() : "", place.file());
  }

  /** Makes patches of volumes in a temporary file, which goes when the process ends. */
  private ShownProbes prepared(ProbePlace place, long seed, PrintWriter err) {
    if (!preprocessing().equals(Preprocessing.none())) {
      throw new PalimpsestException(
          "--channels, --size, --normalise, --mean and --sd have no use where --plan, --transforms,"
              + " --orientation or --spacing tell how images are prepared.");
    }
    List<String> chosen = chosen(place);
    List<Path> images =
        chosen.isEmpty() ? List.of(place.file()) : ImageProbes.files(place.file(), chosen);
    patches.rule(seed);
    VolumePreparation preparation = patches.preparation();
    Path array = TemporaryFolder.create().path().resolve("patches.npy");
    PatchSet.Made made =
        patches
            .patches(preparation, seed)
            .withProgress(TerminalProgress.ifWatched())
            .write(patches.cases(images, preparation), array);
    made.notes().forEach(note -> err.println("note: " + note));
    return new ShownProbes(
        place.file(), chosen, NpyProbes.open(array), patches.describe(preparation, seed), array);
  }

  private List<String> chosen(ProbePlace place) {
    boolean twice = globs.stream().anyMatch(glob -> !glob.startsWith("!"));
    if (!place.globs().isEmpty() && twice) {
      throw new PalimpsestException(
          "Files are chosen by '%s' after --probes and by --probe-files: give one of them."
              .formatted(place.globs().get(0)));
    }
    List<String> all = new ArrayList<>(place.globs());
    all.addAll(globs);
    return all;
  }

  private Preprocessing preprocessing() {
    Preprocessing asked = Preprocessing.none().with(normalisation);
    if (channels != null) {
      asked = asked.withChannels(channels);
    }
    if (size != null) {
      asked = asked.withSize(size.height(), size.width());
    }
    return mean.isEmpty() && deviation.isEmpty()
        ? asked
        : asked.withMeanAndDeviation(mean, deviation);
  }
}
