package org.palimpsest.reproduction.commands;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.cli.internal.CommonOptions;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.IdleThreads;
import org.palimpsest.cli.internal.TerminalProgress;
import org.palimpsest.reproduction.Reproduction;
import org.palimpsest.reproduction.ReproductionPlan;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains the networks of the reproduction and judges the claims on them. */
@Command(
    name = "ReproduceAll",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true,
    usageHelpAutoWidth = true,
    description = {
      "Trains the networks of docs/reproduction/plan.md and judges the paper's claims on them.",
      "Every network is kept when it is trained: a run that was interrupted goes on where it was."
    })
public final class ReproduceAllCommand implements Callable<Integer>, WritesFiles {

  private final UnaryOperator<ReproductionPlan> change;

  @Option(
      names = "--quick",
      description = "A few networks, trained for 320 steps: about ten minutes on two cores.")
  private boolean quick;

  @Option(
      names = "--full",
      description = "Beside the core: other widths, normalisation, frozen parts, learning rates.")
  private boolean full;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "With --full: networks also learn patches of these images (00.png with 00_mask.png, and so"
              + " on).")
  private @Nullable Path images;

  @Option(
      names = "--source-images",
      paramLabel = "DIR",
      description = "With --images: what the source learns from.")
  private @Nullable Path sourceImages;

  @Option(
      names = "--stop-after",
      paramLabel = "MINUTES",
      description = "Begin no network after so many minutes; the same command goes on.")
  private @Nullable Integer stopAfter;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many networks are trained at a time; by default one per core.")
  private @Nullable Integer threads;

  @Option(names = "--train-only", description = "Judge nothing yet.")
  private boolean trainOnly;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      description = "Where networks and results go.")
  private Path output = Path.of("palimpsest-out", "reproduction");

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private @Nullable CommandSpec spec;

  ReproduceAllCommand(UnaryOperator<ReproductionPlan> change) {
    this.change = change;
  }

  public static void main(String[] arguments) {
    Palimpsest.runAndExit(new ReproduceAllCommand(UnaryOperator.identity()), arguments);
  }

  @Override
  public List<Path> outputs() {
    return List.of(output);
  }

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    ReproductionPlan plan = change.apply(plan());
    int cores = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    Reproduction reproduction = Reproduction.of(plan, output, cores);
    boolean complete = reproduction.train(mayBegin(), TerminalProgress.ifWatched(), this::tell);
    if (!complete) {
      tell(
          "Stopped with %s networks still to be trained; the same command goes on."
              .formatted(reproduction.missing()));
    }
    if (!trainOnly) {
      reproduction
          .judge(asTyped(), TerminalProgress.ifWatched(), this::tell)
          .forEach(file -> line().getOut().println("Written: " + file));
    }
    return 0;
  }

  private String asTyped() {
    String arguments = String.join(" ", line().getParseResult().originalArgs());
    return ("java -cp examples/target/palimpsest.jar org.palimpsest.examples.ReproduceAll "
            + arguments)
        .strip();
  }

  private CommandLine line() {
    return Objects.requireNonNull(spec).commandLine();
  }

  private BooleanSupplier mayBegin() {
    if (stopAfter == null) {
      return () -> true;
    }
    Instant end = Instant.now().plus(Duration.ofMinutes(stopAfter));
    return () -> Instant.now().isBefore(end);
  }

  private ReproductionPlan plan() {
    if (quick && full) {
      throw wrong("--quick and --full are two sizes: give one of them.");
    }
    if ((images == null) != (sourceImages == null)) {
      throw wrong("--images and --source-images go together: one is learned after the other.");
    }
    if (images != null && !full) {
      throw wrong("--images and --source-images belong to --full.");
    }
    if (stopAfter != null && stopAfter < 0) {
      throw wrong("--stop-after takes 0 minutes or more, unlike %s.".formatted(stopAfter));
    }
    if (quick) {
      return ReproductionPlan.quick();
    }
    if (!full) {
      return ReproductionPlan.core();
    }
    return images == null || sourceImages == null
        ? ReproductionPlan.full()
        : ReproductionPlan.full().withImages(sourceImages, images);
  }

  private ParameterException wrong(String why) {
    return new ParameterException(line(), why);
  }

  private void tell(String text) {
    line().getErr().println(text);
  }
}
