package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.volume.VolumePreparation;

/**
 * Probes beside where they came from.
 *
 * @param file as it was given
 * @param globs which files of a folder were chosen
 * @param preprocessing what was done to images, or empty
 * @param array where they lie as an array, if they do; else where they came from
 */
record ShownProbes(Path file, List<String> globs, Probes probes, String preprocessing, Path array) {

  /** A patch has not just the mean and deviation of the whole image. */
  private static final double FAR_FROM_Z_SCORES = 5;

  private static final double LARGEST_Z_SCORE = 1000;

  private static final Pattern OF_A_MASK =
      Pattern.compile(".*[_-](mask|masks|label|labels|seg|gt|truth)\\.[a-zA-Z.]+");

  /** For people. */
  String describe() {
    String shape =
        Arrays.stream(probes.shape()).mapToObj(Long::toString).collect(Collectors.joining(" × "));
    return shape + " from " + description();
  }

  /** The provenance of a network that was shown them. */
  Provenance noteOn(Provenance network) {
    List<String> notes = new ArrayList<>(network.notes());
    notes.add("shown " + description());
    if (probes instanceof ImageProbes images) {
      notes.addAll(images.notes());
    }
    if (VolumePreparation.standardised(network) && !mayBeZScores()) {
      notes.add(
          "the probes are not normalised as its plans say (ZScoreNormalization): images and volumes"
              + " are by --normalise standardise, arrays before they are saved");
    }
    return new Provenance(network.origin(), network.sha256(), notes);
  }

  /** Whether the first probe has a mean of about 0, for which it needs negative numbers. */
  private boolean mayBeZScores() {
    INDArray first = probes.batch(0, 1).castTo(DataType.DOUBLE);
    return first.minNumber().doubleValue() < 0
        && Math.abs(first.meanNumber().doubleValue()) < FAR_FROM_Z_SCORES
        && first.amaxNumber().doubleValue() < LARGEST_Z_SCORE;
  }

  private String description() {
    List<String> details = new ArrayList<>();
    if (!preprocessing.isEmpty()) {
      details.add(preprocessing);
    }
    if (Files.isDirectory(file)) {
      details.add(
          probes.count()
              + " files"
              + (globs.isEmpty() ? "" : " chosen by " + String.join(" ", globs)));
    }
    return file + (details.isEmpty() ? "" : " (" + String.join("; ", details) + ")");
  }

  /** Says how many are the same as others, each of which counts as one more. */
  void reportCopies(PrintWriter err) {
    Set<Fingerprint> met = new HashSet<>();
    long copies =
        LongStream.range(0, probes.count())
            .filter(i -> !met.add(Fingerprint.of(probes.batch(i, i + 1))))
            .count();
    if (copies > 0) {
      err.printf(
          Locale.ROOT,
          "warning: %d of the %d probes are copies of others. Intervals take each for an image of"
              + " its own and are too narrow: show each once.%n",
          copies,
          probes.count());
    }
  }

  /** Says which files of a folder were taken, and if some look like masks. */
  void report(PrintWriter err) {
    if (!(probes instanceof ImageProbes images) || !Files.isDirectory(file)) {
      return;
    }
    err.println("note: shown " + description());
    long masks =
        images.files().stream().map(Path::toString).filter(OF_A_MASK.asMatchPredicate()).count();
    if (masks > 0 && masks < images.count()) {
      err.printf(
          Locale.ROOT,
          "warning: %d of these %d files look like masks by their names; leave them out with"
              + " --probe-files, such as '!*_mask.*'.%n",
          masks,
          images.count());
    }
  }
}
