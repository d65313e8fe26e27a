package org.palimpsest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.io.volume.CaseFiles;
import org.palimpsest.io.volume.PatchSet;
import org.palimpsest.io.volume.VolumePreparation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes probes of images, prepared as when a network was trained. */
@Command(
    name = "patches",
    description = {
      "Makes probes of volumes and images: prepares them as when a network was trained, takes"
          + " patches, and writes one array, samples first, for --probes.",
      "Beside OUT.npy, OUT.json tells of each sample its file with its hash, its place, its spacing"
          + " and what was done; OUT_masks.npy has the labels, if there are masks, for"
          + " compare --region and assess --masks."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  java -jar palimpsest.jar patches --plan plans.json --configuration 3d_fullres --whole \\",
      "      -o case.npy case_001_0000.nii.gz case_001_0001.nii.gz",
      "  java -jar palimpsest.jar patches --plan Dataset042_X/nnUNetTrainer__nnUNetPlans__2d \\",
      "      --patches foreground --count 16 --masks labelsTr --preview patches.png \\",
      "      -o probes.npy imagesTr"
    })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PatchesCommand implements Callable<Integer>, WritesFiles {

  @Spec private CommandSpec command;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGES",
      description =
          "NIfTI volumes (.nii, .nii.gz; or the plan's PNG, TIFF and BMP images), or folders of them."
              + " CASE_0000, CASE_0001 and so on are channels of one case.")
  private List<Path> images;

  @Mixin private PatchOptions options;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "0",
      description = "Decides which patches are drawn. (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--stages",
      paramLabel = "DIR",
      description =
          "With a plan: also write how the case, which must be one, is after its crop and its"
              + " normalisation: after_crop.npy, nonzero_mask.npy and after_normalisation.npy.")
  private @Nullable Path stages;

  @Option(
      names = "--preview",
      paramLabel = "FILE.png",
      description =
          "Also draw up to 64 patches, a slice of each, with the borders of labels in colours.")
  private @Nullable Path preview;

  @Option(
      names = ModelOptions.MAX_MEMORY,
      paramLabel = "SIZE",
      description =
          "Hold at most so much memory, 800M or 2G; cases are prepared side by side as far as that"
              + " allows. (default: what Java may take)")
  private @Nullable MemorySize mostMemory;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "OUT.npy",
      required = true,
      description = "Where to write. Folders that are missing are made.")
  private Path output;

  @Mixin private CommonOptions common;

  @Override
  public List<Path> outputs() {
    List<Path> files = new ArrayList<>();
    files.add(output);
    files.add(PatchSet.recordBeside(output));
    if (options.haveMasks()) {
      files.add(PatchSet.masksBeside(output));
    }
    if (preview != null) {
      files.add(preview);
    }
    if (stages != null) {
      files.addAll(PatchSet.stagesIn(stages));
    }
    return files;
  }

  @Override
  public Integer call() {
    if (!output.toString().endsWith(".npy")) {
      throw wrongUse("%s is no name for an array: let it end in .npy.".formatted(output));
    }
    if (!options.areGiven()) {
      throw wrongUse(
          "Nothing tells how images are prepared: give --plan, --transforms, --orientation or"
              + " --spacing.");
    }
    if (mostMemory != null) {
      MemoryShares.requireForHeapAlone(mostMemory);
    }
    options.rule(seed);
    VolumePreparation preparation = options.preparation();
    List<CaseFiles> cases = options.cases(images, preparation);
    requireOwnPlaces(cases);
    PatchSet patches =
        options
            .patches(preparation, seed)
            .withSideBySide(Math.min(cases.size(), Runtime.getRuntime().availableProcessors()))
            .withProgress(TerminalProgress.ifWatched());
    if (stages != null) {
      requireOneCase(cases);
      patches = patches.withStages(stages);
    }
    PatchSet.Made made = patches.write(cases, output);
    PrintWriter err = command.commandLine().getErr();
    made.notes().forEach(note -> err.println("note: " + note));
    PrintWriter out = command.commandLine().getOut();
    out.println("%s  %s".formatted(output, Arrays.toString(made.shape())));
    made.masksShape()
        .ifPresent(
            shape ->
                out.println(
                    "%s  %s".formatted(PatchSet.masksBeside(output), Arrays.toString(shape))));
    if (preview != null) {
      made.preview().write(preview);
    }
    return 0;
  }

  /** Of the array and what lies beside it, {@link PatchSet} makes sure. */
  private void requireOwnPlaces(List<CaseFiles> cases) {
    if (preview != null) {
      Path picture = place(preview);
      boolean read =
          cases.stream()
              .flatMap(one -> one.files().stream())
              .anyMatch(file -> place(file).equals(picture));
      if (!picture.toString().toLowerCase(Locale.ROOT).endsWith(".png") || read) {
        throw wrongUse(
            "The preview cannot be %s: %s."
                .formatted(
                    preview, read ? "that is one of the images" : "give a name that ends in .png"));
      }
    }
    if (stages != null && place(stages).equals(place(output).getParent())) {
      throw wrongUse(
          "%s would lie among the files of --stages. Write to another place.".formatted(output));
    }
  }

  private ParameterException wrongUse(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  private static Path place(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private void requireOneCase(List<CaseFiles> cases) {
    options.requirePlan("--stages");
    if (cases.size() != 1) {
      throw wrongUse(
          "--stages takes one case, not %s: %s and others."
              .formatted(cases.size(), cases.get(0).name()));
    }
  }
}
