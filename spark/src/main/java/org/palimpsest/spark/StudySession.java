package org.palimpsest.spark;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
              "Spark %s at %s: %s of %d MB, of which prepared layers take %d MB at most; models and tensors come on top. Shared folder: %s."
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
