package org.palimpsest.cli.internal;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.similarity.uncertainty.Intervals;

/**
 * Carries the work of {@code track}, and of commands of its own, to other machines. A module that
 * can do so offers it as a service ({@link java.util.ServiceLoader}); the command line itself knows
 * none.
 */
public interface StudyCluster {

  /**
   * What the work is about.
   *
   * @param master where the cluster is, in its own words
   * @param settings of the cluster, each as {@code name=value}
   * @param shared where the folder for what machines pass on to each other is made, in the words of
   *     the cluster's file systems; in {@code folder} if it is not named
   * @param folder that of the study
   * @param study what is asked
   * @param intervals gives scores their intervals, if they are wanted
   * @param weights by what weights are compared, by name
   * @param said what is said of a checkpoint beside its file
   * @param inProcess whether models run in the process that asks, not in one of their own
   * @param notes is told what the user should know
   */
  record Work(
      String master,
      List<String> settings,
      Optional<String> shared,
      Path folder,
      Study study,
      Optional<Intervals> intervals,
      List<String> weights,
      Function<Checkpoint, NetworkOptions> said,
      boolean inProcess,
      Consumer<String> notes) {}

  /** A cluster at work. */
  interface Session extends AutoCloseable {

    /** Those who do the work of a study with the same questions. */
    StudyWorkers workers(Study study);

    /** The study is done: what machines passed on to each other is of no more use. */
    void finish();

    @Override
    void close();
  }

  /**
   * Commands that the module adds to those of the command line: objects with picocli's annotations,
   * which must not need the cluster's libraries to be read.
   */
  List<Object> commands();

  /** Whether this process has all that the cluster's libraries need. */
  boolean isHere();

  /**
   * Starts a command again in a process that has, and waits for it.
   *
   * @param master where the cluster is
   * @param settings of the cluster, each as {@code name=value}
   * @param arguments of the command line, all of them
   * @param out where the result goes
   * @return the command's exit code
   * @throws org.palimpsest.core.PalimpsestException if the libraries are not to be found, saying
   *     what to do
   */
  int startAnew(String master, List<String> settings, List<String> arguments, PrintWriter out);

  /** Begins to work; in a process where all {@linkplain #isHere() is there}. */
  Session begin(Work work);
}
