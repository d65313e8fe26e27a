package org.palimpsest.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.LayerMatrices;
import org.palimpsest.core.representation.Region;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.io.volume.PatchSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** To which part of the probes a comparison is narrowed. */
final class RegionOptions {

  private static final String FOREGROUND = "foreground";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--region",
      paramLabel = "LABEL|foreground",
      description = {
        "Compare only positions that lie within this label, or within any label but 0, by at least"
            + " one half of the area that they cover: of each probe as many, drawn by --seed; probes"
            + " without any are left out.",
        "Labels are those of --masks: with prepared images their masks; else an .npy of labels,"
            + " probes first. (default: what 'patches' wrote beside the probes)"
      })
  private @Nullable String given;

  /**
   * A region.
   *
   * @param note where it comes from, for the record
   */
  record Narrowing(Region region, String note) {

    LayerMatrices of(LayerMatrices all) {
      return region.of(all);
    }

    Provenance noteOn(Provenance network) {
      List<String> notes = new ArrayList<>(network.notes());
      notes.add(note);
      return new Provenance(network.origin(), network.sha256(), notes);
    }
  }

  boolean isGiven() {
    return given != null;
  }

  /**
   * The region.
   *
   * @param labels where masks lie, if they were given
   * @param shown the probes, beside which they may lie
   */
  Optional<Narrowing> region(
      Optional<Path> labels, Optional<ShownProbes> shown, FeatureMaps rule, long seed) {
    if (given == null) {
      return Optional.empty();
    }
    if (rule.mode() != FeatureMaps.Mode.POSITIONS) {
      throw wrongUse("--region goes only with --feature-map positions.");
    }
    Path file =
        labels
            .or(() -> shown.map(probes -> PatchSet.masksBeside(probes.array())))
            .orElseThrow(() -> wrongUse("--region needs the labels of the probes: give --masks."));
    if (!Files.exists(file)) {
      throw wrongUse(
          "--region needs the labels of the probes, and there is no %s: give --masks."
              .formatted(file));
    }
    Region all = region(file).from(file.toString());
    Region drawn =
        rule.positionsPerProbe().isPresent()
            ? all.withPositionsPerProbe(rule.positionsPerProbe().getAsInt(), seed)
            : all.withSeed(seed);
    String note =
        "compared in the region '%s' of %s, sha256 %s, seed %s"
            .formatted(given, file.getFileName(), Sha256.of(file), seed);
    return Optional.of(new Narrowing(drawn, note));
  }

  private Region region(Path file) {
    INDArray masks = NpyFile.read(file);
    try {
      return region(masks);
    } catch (PalimpsestException noLabels) {
      throw new PalimpsestException(file + ": " + noLabels.getMessage(), noLabels);
    }
  }

  private Region region(INDArray masks) {
    String asked = Objects.requireNonNull(given);
    if (asked.equals(FOREGROUND)) {
      return Region.foreground(masks);
    }
    if (!asked.matches("\\d{1,9}")) {
      throw wrongUse(
          "--region takes a label, such as 1, or foreground, not '%s'.".formatted(asked));
    }
    return Region.ofLabel(masks, Integer.parseInt(asked));
  }

  private ParameterException wrongUse(String message) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
  }
}
