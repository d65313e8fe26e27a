package org.palimpsest.spark;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.palimpsest.cli.Palimpsest;
import org.palimpsest.cli.internal.ResultOutput;
import org.palimpsest.cli.internal.StudyCluster;
import org.palimpsest.cli.internal.StudyCluster.Session;
import org.palimpsest.cli.internal.StudyCluster.Work;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.AtExit;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.spark.StudyBrief.IntervalsParcel;
import org.palimpsest.spark.StudyBrief.MapsParcel;

/**
 * What {@code spark-submit} starts: {@code moments} compares networks that are shown shards of
 * probes on executors; all other commands are those of the command line, of which {@code track} has
 * its work done by the Spark that started it.
 *
 * <pre>{@code
 * spark-submit --master spark://host:7077 --class org.palimpsest.spark.PalimpsestSpark \
 *     palimpsest-spark.jar track runs -o out
 * }</pre>
 */
public final class PalimpsestSpark {

  private static final String TRACK = "track";
  private static final String SPARK = "--spark";

  private PalimpsestSpark() {}

  /**
   * Runs a command and ends the process with its exit code: 0 if all went well, as the command line
   * says of others. What a cluster is told by {@code spark-submit} need not be said again.
   *
   * @param arguments of the command, without {@code spark-submit}'s own
   */
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    PrintStream out = new PrintStream(ResultOutput.take(), true, StandardCharsets.UTF_8);
    PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(arguments, out, err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    boolean tracks = arguments.length > 0 && arguments[0].equals(TRACK);
    return Palimpsest.run(tracks ? onSpark(arguments) : arguments, out, err);
  }

  /** Who submitted it has said where the cluster is. */
  private static String[] onSpark(String[] arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (all.stream().noneMatch(one -> one.equals(SPARK) || one.startsWith(SPARK + "="))) {
      all.addAll(List.of(SPARK, System.getProperty("spark.master", "local[*]")));
    }
    return all.toArray(new String[0]);
  }

  /**
   * Spark, for {@code track --spark}. Its own libraries are not in this jar: they come from
   * SPARK_HOME, whose {@code spark-submit} starts the command anew, as Java 17 must be started for
   * them.
   *
   * <p>The command line finds it by {@link java.util.ServiceLoader} if {@code palimpsest-spark.jar}
   * is what runs. Started without Spark, it starts {@code spark-submit} with the same arguments,
   * hands its result on, and ends with its exit code; started by {@code spark-submit}, it works
   * there. A study's shared folder, which all machines must see, lies beside its results unless
   * {@code --shared} names another, and is removed at the end.
   */
  public static final class SparkCluster implements StudyCluster {

    private static final String SOME_CLASS = "/org/apache/spark/api/java/JavaSparkContext.class";
    private static final String HOME = "SPARK_HOME";
    private static final Set<String> SIZES = Set.of("spark.driver.memory", "spark.executor.memory");
    private static final Map<String, String> FOR_SHORT =
        Map.of("spark.driver.memory", "2g", "spark.log.level", "WARN", "spark.ui.enabled", "false");

    /** Made by {@link java.util.ServiceLoader}. */
    public SparkCluster() {}

    @Override
    public List<Object> commands() {
      return List.of(new MomentsCommand());
    }

    @Override
    public boolean isHere() {
      return SparkCluster.class.getResource(SOME_CLASS) != null;
    }

    /**
     * What Spark's launcher would answer with a trace.
     *
     * @throws PalimpsestException if there can be no such master, or a size is none
     */
    private static void requireReadable(String master, List<String> settings) {
      if (!master.matches("local(-cluster)?(\\[.*\\])?|(spark|k8s)://.+|yarn")) {
        throw new PalimpsestException(
            "Spark knows no master '%s'. Say local[2], spark://HOST:7077, k8s://HOST or yarn."
                .formatted(master));
      }
      for (String setting : settings) {
        String name = SparkSettings.nameOf(setting);
        String value = setting.substring(name.length() + 1);
        if (SIZES.contains(name) && !value.matches("\\d+[kKmMgGtT]")) {
          throw SparkSettings.noSize(name, value);
        }
      }
    }

    @Override
    public int startAnew(
        String master, List<String> settings, List<String> arguments, PrintWriter out) {
      requireReadable(master, settings);
      List<String> command = new ArrayList<>();
      command.add(submit().toString());
      command.addAll(List.of("--master", master, "--class", PalimpsestSpark.class.getName()));
      FOR_SHORT.forEach((name, value) -> command.addAll(List.of("--conf", name + "=" + value)));
      settings.forEach(setting -> command.addAll(List.of("--conf", setting)));
      command.add(program().toString());
      command.addAll(arguments);
      ProcessBuilder process =
          new ProcessBuilder(command).inheritIO().redirectOutput(ProcessBuilder.Redirect.PIPE);
      SparkSettings.ONE_THREAD_EACH.forEach(process.environment()::putIfAbsent);
      try {
        Process submitted = process.start();
        try (AtExit orphan = AtExit.undo(submitted::destroy);
            Reader result = submitted.inputReader(StandardCharsets.UTF_8)) {
          result.transferTo(out);
          return submitted.waitFor();
        }
      } catch (IOException failure) {
        throw new PalimpsestException(
            "%s cannot be started: %s".formatted(command.get(0), failure.getMessage()), failure);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new PalimpsestException("The study was interrupted.", interrupted);
      }
    }

    private static Path submit() {
      String home = System.getenv(HOME);
      String name = File.separatorChar == '\\' ? "spark-submit.cmd" : "spark-submit";
      if (home == null || !Files.isRegularFile(Path.of(home, "bin", name))) {
        throw new PalimpsestException(
            "Spark 4 is needed: set SPARK_HOME to its folder (now: %s), in which bin/%s is. 'spark/cluster home DIR' makes one of Maven's artifacts."
                .formatted(home == null || home.isBlank() ? "not set" : home, name));
      }
      return Path.of(home, "bin", name);
    }

    /** The jar that this class is in. */
    private static Path program() {
      try {
        Path program =
            Path.of(SparkCluster.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(program)) {
          return program;
        }
        throw new PalimpsestException(
            "%s is no jar that Spark could send to executors. Use palimpsest-spark.jar."
                .formatted(program));
      } catch (URISyntaxException failure) {
        throw new PalimpsestException("Where this program lies is unknown.", failure);
      }
    }

    @Override
    public Session begin(Work work) {
      return StudySession.begin(work);
    }

    /** A study that Spark works on: the context, and the folder that all machines see. */
    private static final class StudySession implements Session {

      private static final String SHARED = ".palimpsest-";
      private static final int ID_LENGTH = 16;
      private static final long MEGABYTE = 1L << 20;

      /** Of an executor's memory, what prepared layers may take, and of these what weights may. */
      private static final int SHARE_OF_LAYERS = 2;

      private static final int SHARE_OF_WEIGHTS = 8;

      private final JavaSparkContext spark;
      private final Work work;
      private final StudyBrief brief;
      private final SharedFolder shared;

      private StudySession(
          JavaSparkContext spark, Work work, StudyBrief brief, SharedFolder shared) {
        this.spark = spark;
        this.work = work;
        this.brief = brief;
        this.shared = shared;
      }

      static StudySession begin(Work work) {
        JavaSparkContext spark =
            SparkSettings.named("palimpsest").at(work.master()).with(work.settings()).start();
        try {
          long memory = SparkSettings.memory(spark);
          SharedFolder shared = SharedFolder.open(sharedOf(work));
          StudyBrief brief = brief(work, shared, memory);
          if (!brief.measures().isEmpty()) {
            share(work.study().probes(), shared, brief.probesFile());
          }
          work.notes()
              .accept(
                  "Spark %s at %s: %s of %s MB, of which prepared layers take %s MB at most; models and tensors come on top. Shared folder: %s."
                      .formatted(
                          spark.version(),
                          spark.master(),
                          spark.isLocal() ? "this process" : "executors",
                          memory / MEGABYTE,
                          brief.boundOfLayers() / MEGABYTE,
                          shared));
          return new StudySession(spark, work, brief, shared);
        } catch (RuntimeException failure) {
          spark.stop();
          throw failure;
        }
      }

      private static StudyBrief brief(Work work, SharedFolder shared, long memory) {
        Study study = work.study();
        return new StudyBrief(
            PluginParcel.loaded(),
            shared.toString(),
            study.probes().fingerprint().value(),
            List.copyOf(study.measures().stream().map(Measure::name).toList()),
            study.layers().globs(),
            MapsParcel.of(study.featureMaps()),
            work.intervals().map(IntervalsParcel::of).orElse(null),
            List.copyOf(work.weights()),
            work.inProcess(),
            memory / SHARE_OF_LAYERS,
            memory / SHARE_OF_WEIGHTS);
      }

      /** A folder of this study alone, since it will be removed with all in it. */
      private static String sharedOf(Work work) {
        String own = work.folder().toAbsolutePath().normalize().toUri().toString();
        String base = work.shared().orElseGet(() -> SharedFolder.uriOf(work.folder()));
        String id = Sha256.of(own.getBytes(StandardCharsets.UTF_8)).substring(0, ID_LENGTH);
        return (base.endsWith("/") ? base : base + "/") + SHARED + id;
      }

      private static void share(Probes probes, SharedFolder shared, String name) {
        if (shared.holds(name)) {
          return;
        }
        try (TemporaryFolder folder = TemporaryFolder.create()) {
          Path file = folder.path().resolve("probes.npy");
          NpyFile.write(file, probes.batch(0, probes.count()));
          shared.write(name, out -> Files.copy(file, out));
        }
      }

      @Override
      public StudyWorkers workers(Study study) {
        return new SparkWorkers(spark, brief, StudyWorkbench.Questions.of(study), work.said());
      }

      @Override
      public void finish() {
        shared.delete();
      }

      @Override
      public void close() {
        spark.stop();
      }
    }
  }
}
