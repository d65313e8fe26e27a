package org.palimpsest.spark;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.palimpsest.cli.StudyCluster.Session;
import org.palimpsest.cli.StudyCluster.Work;
import org.palimpsest.core.evolution.Study;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.StudyWorkers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.Sha256;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.npy.NpyFile;
import org.palimpsest.spark.StudyBrief.IntervalsParcel;
import org.palimpsest.spark.StudyBrief.MapsParcel;

/** A study that Spark works on: the context, and the folder that all machines see. */
final class StudySession implements Session {

  /** A task is the unit: more tasks at once, not more threads for each. */
  static final Map<String, String> ONE_THREAD_EACH =
      Map.of(
          "OMP_NUM_THREADS", "1",
          "OPENBLAS_NUM_THREADS", "1",
          "MKL_NUM_THREADS", "1",
          "OMP_WAIT_POLICY", "PASSIVE");

  private static final String EXECUTOR_MEMORY = "spark.executor.memory";
  private static final String DRIVER_MEMORY = "spark.driver.memory";
  private static final String EXECUTOR_OPTIONS = "spark.executor.extraJavaOptions";
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

  private StudySession(JavaSparkContext spark, Work work, StudyBrief brief, SharedFolder shared) {
    this.spark = spark;
    this.work = work;
    this.brief = brief;
    this.shared = shared;
  }

  static StudySession begin(Work work) {
    SparkConf settings = settings(work);
    JavaSparkContext spark = new JavaSparkContext(settings);
    try {
      boolean isLocal = spark.isLocal();
      long memory = spark.getConf().getSizeAsBytes(isLocal ? DRIVER_MEMORY : EXECUTOR_MEMORY, "1g");
      StudyBrief brief = brief(work, memory);
      SharedFolder shared = SharedFolder.open(brief.shared());
      if (!brief.measures().isEmpty()) {
        share(work.study().probes(), shared, brief.probesFile());
      }
      work.notes()
          .accept(
              "Spark %s at %s: %s of %d MB, of which prepared layers take %d MB at most; models and tensors come on top. Shared folder: %s."
                  .formatted(
                      spark.version(),
                      spark.master(),
                      isLocal ? "this process" : "executors",
                      memory / MEGABYTE,
                      brief.boundOfLayers() / MEGABYTE,
                      shared));
      return new StudySession(spark, work, brief, shared);
    } catch (RuntimeException failure) {
      spark.stop();
      throw failure;
    }
  }

  private static SparkConf settings(Work work) {
    SparkConf settings = new SparkConf().setAppName("palimpsest");
    work.settings()
        .forEach(
            setting -> {
              int equals = setting.indexOf('=');
              settings.set(
                  setting.substring(0, Math.max(0, equals)), setting.substring(equals + 1));
            });
    settings.setIfMissing("spark.master", work.master());
    return withUsual(settings);
  }

  /** With what this library wants of Spark, unless something else was said. */
  static SparkConf withUsual(SparkConf settings) {
    settings.setIfMissing("spark.ui.enabled", "false");
    ONE_THREAD_EACH.forEach(
        (name, value) -> settings.setIfMissing("spark.executorEnv." + name, value));
    long memory = settings.getSizeAsBytes(EXECUTOR_MEMORY, "1g");
    return settings.setIfMissing(
        EXECUTOR_OPTIONS,
        "-XX:ActiveProcessorCount=1 -Dorg.bytedeco.javacpp.maxbytes=%d".formatted(memory));
  }

  private static StudyBrief brief(Work work, long memory) {
    Study study = work.study();
    return new StudyBrief(
        sharedOf(work),
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
    String base = work.shared().orElse(own);
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
