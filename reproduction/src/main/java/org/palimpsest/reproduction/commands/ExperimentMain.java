package org.palimpsest.reproduction.commands;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.palimpsest.cli.internal.CommonOptions.WritesFiles;
import org.palimpsest.cli.internal.IdleThreads;
import org.palimpsest.reproduction.experiment.Lab;
import org.palimpsest.reproduction.experiment.Setting;
import org.palimpsest.reproduction.pages.ExperimentReport;
import org.palimpsest.reproduction.pages.ReportFiles;
import picocli.CommandLine.Mixin;

/** What the main classes of experiments do alike: run, write, and say what was found. */
abstract class ExperimentMain implements Callable<Integer>, WritesFiles {

  private final String name;
  private final int usualSeeds;
  private final UnaryOperator<Setting> change;

  @Mixin final ExperimentOptions options = new ExperimentOptions();

  /**
   * @param name of its folder
   * @param usualSeeds how many networks of each kind, if the user does not say
   * @param change what is made of the setting that the options ask for
   */
  ExperimentMain(String name, int usualSeeds, UnaryOperator<Setting> change) {
    this.name = name;
    this.usualSeeds = usualSeeds;
    this.change = change;
  }

  /** Does the experiment. */
  abstract ExperimentReport run(Lab lab);

  @Override
  public List<Path> outputs() {
    return List.of(options.folder(name));
  }

  @Override
  public Integer call() {
    IdleThreads.letSleep();
    Lab lab = lab();
    ExperimentReport report = run(lab);
    List<Path> files = ReportFiles.write(report, lab.folder());
    ReportFiles.lines(report).forEach(options::print);
    options.print("");
    files.forEach(file -> options.print("Written: " + file));
    return 0;
  }

  final String name() {
    return name;
  }

  final Lab lab() {
    return options.lab(options.folder(name), usualSeeds, change);
  }
}
