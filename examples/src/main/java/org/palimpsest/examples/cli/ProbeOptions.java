package org.palimpsest.examples.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.image.FileGlobs;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.image.Preprocessing.Normalisation;
import picocli.CommandLine.Option;

/** What models are shown, and what is done to images before. */
final class ProbeOptions {

  @Option(
      names = "--probes",
      paramLabel = "PROBES",
      description =
          "What models are shown: an .npy of inputs, samples first, such as (n, c, h, w); or an"
              + " image (PNG, TIFF, GIF, JPEG) or NIfTI volume, or a folder of these, in the order"
              + " of their names.")
  private @Nullable Path file;

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
      names = "--normalise",
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
      split = ",",
      description = "After that, subtract this from each channel (one number, or one per channel).")
  private List<Double> mean = List.of();

  @Option(names = "--sd", paramLabel = "S,…", split = ",", description = "And divide by this.")
  private List<Double> deviation = List.of();

  boolean areGiven() {
    return file != null;
  }

  /** Opens them, if they are given. */
  Optional<ShownProbes> open() {
    return Optional.ofNullable(file).map(this::open);
  }

  /** Opens them or, if none are given, others. */
  ShownProbes openOr(Path others) {
    return open(file == null ? others : file);
  }

  private ShownProbes open(Path given) {
    Preprocessing preprocessing = preprocessing();
    FileGlobs chosen = FileGlobs.of(globs);
    Probes probes = Inputs.probes(given, chosen, preprocessing);
    boolean images = Inputs.areImages(given);
    return new ShownProbes(given, chosen, probes, images ? preprocessing.describe() : "");
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
