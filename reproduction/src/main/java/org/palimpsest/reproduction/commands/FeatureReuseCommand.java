package org.palimpsest.reproduction.commands;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.cli.internal.IdleThreads;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.TrainingRun;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.io.runs.RunsFolder;
import org.palimpsest.reproduction.experiment.Lab;
import org.palimpsest.reproduction.experiment.PairSimilarities;
import org.palimpsest.reproduction.experiment.ReuseComparison;
import org.palimpsest.reproduction.experiment.ReuseReport;
import org.palimpsest.reproduction.experiment.ReuseResult;
import org.palimpsest.reproduction.experiment.ReuseTable;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.pages.ExperimentReport;
import org.palimpsest.reproduction.pages.ReportFiles;
import org.palimpsest.reproduction.pages.ReportPicture;
import org.palimpsest.reproduction.pages.ReportTable;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Which layers of a U-Net are reused when it is fine-tuned on another task?
 *
 * <p>Trains a small U-Net on synthetic images, then on a second task from those weights and from
 * scratch, and compares all of them layer by layer; or does so with the checkpoints of a folder.
 */
@Command(
    name = "FeatureReuse",
    description = {
      "Shows which layers of a U-Net keep what they had learned when it is fine-tuned.",
      "Without --runs it trains the networks itself, on synthetic images, in a few minutes; a"
          + " second run finds them again."
    })
public final class FeatureReuseCommand extends ExperimentMain {

  private static final String CKA = "linear_cka";
  private static final String SOURCE = "source";

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description =
          "Compare the TorchScript checkpoints of this folder: source/, transfer/seed0/,"
              + " random/seed0/, … with step_0000.pt, …; and probes.npy.")
  private @Nullable Path runs;

  @Option(
      names = "--layers",
      paramLabel = "GLOB",
      description =
          "Layers to compare (* within one path element, ** across); may be given several times."
              + " By default the network's blocks.")
  private List<String> layers = List.of();

  @Option(
      names = "--measure",
      paramLabel = "NAME",
      defaultValue = CKA,
      description = "Measure of similarity; may be given several times.")
  private List<String> measures = List.of(CKA);

  FeatureReuseCommand(UnaryOperator<Setting> change) {
    super("feature-reuse", 2, change);
  }

  public static void main(String[] arguments) {
    Palimpsest.runAndExit(new FeatureReuseCommand(UnaryOperator.identity()), arguments);
  }

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    List<Measure<?>> chosen = parseMeasures();
    Lab lab = lab();
    RunsFolder folder =
        runs == null ? lab.layOut(lab.folder().resolve("runs")) : RunsFolder.open(runs);
    folder.unread().forEach(why -> options.tell("warning: left out: " + why));
    ReuseResult result = ReuseComparison.of(folder, chosen, layers, lab.folder(), lab.progress());
    List<Path> files = new ArrayList<>(ReuseReport.write(result, lab.folder()));
    ReuseTable.of(result).forEach(options::print);
    options.print("");
    if (result.has(CKA)) {
      ExperimentReport report = report(result, "runs: " + folder.root(), List.of());
      files.addAll(ReportFiles.write(report, lab.folder()));
    }
    options.print(
        "What the claims on reuse come to on these runs: palimpsest assess %s -o DIR"
            .formatted(folder.root()));
    files.forEach(file -> options.print("Written: " + file));
    return 0;
  }

  @Override
  ExperimentReport run(Lab lab) {
    RunsFolder folder = lab.layOut(lab.folder().resolve("runs"));
    ReuseResult result =
        ReuseComparison.of(
            folder, List.of(Measures.parse(CKA)), layers, lab.folder(), lab.progress());
    return report(result, lab.setting().describe(), ReuseReport.pictures(result));
  }

  private ExperimentReport report(ReuseResult result, String setup, List<ReportPicture> pictures) {
    PairSimilarities toSource = PairSimilarities.of(result.table().rows(Study.View.TO_SOURCE), CKA);
    List<String> transfer = names(result.folder().startedFrom("transfer"));
    List<String> random = names(result.folder().startedFrom("random"));
    List<String> source = List.of(SOURCE);
    ReportTable table =
        ReportTable.byRow(
                "reuse",
                "linear_cka to the source, means over networks.",
                "layer",
                toSource.layers())
            .withColumn("transferred", l -> toSource.mean(transfer, source, List.of(l)))
            .withColumn("random", l -> toSource.mean(random, source, List.of(l)))
            .withColumn(
                "reuse",
                l ->
                    toSource.mean(transfer, source, List.of(l))
                        - toSource.mean(random, source, List.of(l)));
    ExperimentReport report =
        ExperimentReport.of(name(), "Which layers are reused?", setup).withTable(table);
    for (ReportPicture picture : pictures) {
      report = report.withPicture(picture.name(), picture.caption(), picture.figure());
    }
    return report;
  }

  private static List<String> names(List<TrainingRun> runs) {
    return runs.stream().map(TrainingRun::name).toList();
  }

  private List<Measure<?>> parseMeasures() {
    List<Measure<?>> parsed = new ArrayList<>();
    try {
      measures.stream().distinct().forEach(name -> parsed.add(Measures.parse(name)));
    } catch (PalimpsestException unknown) {
      String message = String.valueOf(unknown.getMessage());
      throw new ParameterException(options.command().commandLine(), message, unknown);
    }
    return parsed;
  }
}
