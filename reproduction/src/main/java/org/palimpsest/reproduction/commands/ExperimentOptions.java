package org.palimpsest.reproduction.commands;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.reproduction.experiment.Lab;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.experiment.Settings;
import org.palimpsest.reproduction.trained.TrainedNetworks;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that all experiments share. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    usageHelpAutoWidth = true)
final class ExperimentOptions {

  private static final Path ROOT = Path.of("palimpsest-out");

  @Option(names = "--full", description = "Larger networks and images, ten seeds: hours.")
  private boolean full;

  @Option(
      names = "--volumes",
      description = "Synthetic volumes and networks of three dimensions; takes longer.")
  private boolean volumes;

  @Mixin private UNetOptions network = new UNetOptions();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "How many networks of each kind; a few unless --full.")
  private @Nullable Integer seeds;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Learn the target task from these images (00.png with 00_mask.png, and so on) instead of"
              + " synthetic ones: from patches of five of them.")
  private @Nullable Path images;

  @Option(
      names = "--source-images",
      paramLabel = "DIR",
      description = "Learn the source task from these images instead of synthetic ones.")
  private @Nullable Path sourceImages;

  @Option(
      names = "--networks",
      paramLabel = "DIR",
      description = "Where trained networks are kept, for all experiments.")
  private Path networks = ROOT.resolve("networks");

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Where pictures and tables go; by default palimpsest-out/ and the name.")
  private @Nullable Path output;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /** The folder asked for, or that of the name. */
  Path folder(String name) {
    return output == null ? ROOT.resolve(name) : output;
  }

  private boolean hasImages() {
    return images != null || sourceImages != null;
  }

  /**
   * A lab for one experiment.
   *
   * @param folder where its results go
   * @param usualSeeds how many networks of each kind, unless the user says
   * @param change what is made of the setting
   */
  Lab lab(Path folder, int usualSeeds, UnaryOperator<Setting> change) {
    Setting asked = setting(Optional.ofNullable(sourceImages), Optional.ofNullable(images));
    Setting changed = change.apply(full ? asked : asked.withSeeds(usualSeeds));
    return new Lab(
        seeds == null ? changed : changed.withSeeds(seeds),
        TrainedNetworks.in(networks),
        folder,
        TerminalProgress.ifWatched(),
        this::tell);
  }

  private Setting setting(Optional<Path> source, Optional<Path> target) {
    Settings settings = settings().withNetwork(network::change);
    if (source.isPresent() || target.isPresent()) {
      return settings.onImages(source, target);
    }
    return full ? settings.onManyPhantoms() : settings.onPhantoms();
  }

  private Settings settings() {
    if (!volumes) {
      return full ? Settings.full() : Settings.quick();
    }
    if (full || hasImages()) {
      throw new ParameterException(
          command().commandLine(),
          "--volumes is for synthetic volumes in minutes: leave out --full, --images and"
              + " --source-images.");
    }
    return Settings.volumes();
  }

  void print(String line) {
    command().commandLine().getOut().println(line);
  }

  void tell(String line) {
    command().commandLine().getErr().println(line);
  }

  CommandSpec command() {
    return Objects.requireNonNull(spec);
  }
}
