package org.palimpsest.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.palimpsest.examples.cli.CommandRunner;
import org.palimpsest.examples.cli.IdleThreads;
import org.palimpsest.examples.cli.WritesFiles;
import org.palimpsest.examples.experiment.Lab;
import org.palimpsest.examples.experiment.Setting;
import org.palimpsest.examples.report.ExperimentReport;
import org.palimpsest.examples.report.ReportFiles;
import org.palimpsest.examples.report.ReportSection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs all experiments and writes one report. */
@Command(
    name = "ReproduceAll",
    description = {
      "Runs all experiments on synthetic images and writes one report as Markdown and HTML; with"
          + " --images and --source-images also those of the paper on these.",
      "Networks are trained once for all, and a run that was interrupted goes on where it was."
    })
public final class ReproduceAll implements Callable<Integer>, WritesFiles {

  private static final String NAME = "reproduction";
  private static final int SEEDS_ON_IMAGES = 3;
  private static final String INTRODUCTION =
      "What became of each claim here, on networks that are small and trained for minutes. Every"
          + " rule was written down in the code before its figure was looked at, and no setting was"
          + " chosen by what came out; that layer identification is asked of a second kind of"
          + " network was added after the first kind's figures were known. A claim *holds* if the"
          + " 95% interval of each of its figures lies where the claim says, it *does not hold* if"
          + " the interval of one lies outside (corrected for the number of figures), else it"
          + " *cannot be told*. Intervals are over random weights and the order of images, not over"
          + " sets of images or source networks: all transferred networks of a task start from one"
          + " source.";

  /** An experiment, how many networks of each kind it looks at, and whether the paper made it. */
  private record Part(ExperimentMain experiment, int seeds, boolean ofThePaper) {}

  private final UnaryOperator<Setting> change;
  private final List<Part> parts;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "Only this experiment, such as seed-variability; may be given several times.")
  private List<String> only = List.of();

  @Mixin private final ExperimentOptions options = new ExperimentOptions();

  ReproduceAll(UnaryOperator<Setting> change) {
    this.change = change;
    this.parts =
        List.of(
            new Part(new TransferBenefit(change), 3, true),
            new Part(new FilterChange(change), 5, true),
            new Part(new FrozenEncoder(change), 3, true),
            new Part(new SeedVariability(change), 5, true),
            new Part(new FeatureReuse(change), 5, true),
            new Part(new TrainingDynamics(change), 5, false),
            new Part(new LayerIdentification(change), 5, false));
  }

  public static void main(String[] arguments) {
    CommandRunner.runAndExit(new ReproduceAll(UnaryOperator.identity()), arguments);
  }

  @Override
  public List<Path> outputs() {
    return List.of(options.folder(NAME));
  }

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    Path folder = options.folder(NAME);
    List<ReportSection> sections = new ArrayList<>();
    sections.add(
        section(
            "On synthetic images",
            "phantoms",
            wanted(),
            part ->
                options.labOnPhantoms(
                    folder.resolve("phantoms").resolve(part.experiment().name()),
                    part.seeds(),
                    change)));
    if (options.hasImages()) {
      sections.add(
          section(
              "On images of folders",
              "images",
              wanted().stream().filter(Part::ofThePaper).toList(),
              part ->
                  options.lab(
                      folder.resolve("images").resolve(part.experiment().name()),
                      SEEDS_ON_IMAGES,
                      change)));
    }
    ReportFiles.writeAll(
            "The paper's claims, tried", INTRODUCTION, asTyped(), sections, folder, NAME)
        .forEach(file -> options.print("Written: " + file));
    return 0;
  }

  private List<Part> wanted() {
    return parts.stream()
        .filter(part -> only.isEmpty() || only.contains(part.experiment().name()))
        .toList();
  }

  private ReportSection section(
      String title, String folder, List<Part> wanted, Function<Part, Lab> labs) {
    List<ExperimentReport> reports = new ArrayList<>();
    options.print(title);
    for (Part part : wanted) {
      options.tell(part.experiment().name());
      Lab lab = labs.apply(part);
      ExperimentReport report = part.experiment().run(lab);
      ReportFiles.write(report, lab.folder());
      ReportFiles.lines(report).forEach(line -> options.print("  " + line));
      reports.add(report);
    }
    options.print("");
    return new ReportSection(title, folder, reports);
  }

  private String asTyped() {
    String arguments =
        String.join(" ", options.command().commandLine().getParseResult().originalArgs());
    return ("java -cp examples/target/palimpsest.jar org.palimpsest.examples.ReproduceAll "
            + arguments)
        .strip();
  }
}
