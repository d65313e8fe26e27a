package org.palimpsest.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.PartialComparison;
import org.palimpsest.core.comparison.PartialComparison.StreamedLayers;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.io.Input;
import org.palimpsest.io.Inputs;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.cka.Cka;
import org.palimpsest.similarity.streaming.CoMoments;
import org.palimpsest.spark.StudyBrief.MapsParcel;

/**
 * Compares networks that are shown shards of probes on the executors of Spark. Of each shard the
 * co-moments of all layers are kept, which merge as a tree: the values are those of one process,
 * but for rounding, however many shards there are.
 *
 * <p>Linear measures alone, see {@link CoMoments}; {@code debiased_linear_cka} of positions by
 * {@link CoMoments#ofImages}, at twice the cost and size. A task opens all networks, shows them its
 * shard 16 probes at a time, and sends for p and q features of a pair of layers {@code 8 (p² + q² +
 * pq)} bytes. Networks, probes and the jars of plug-ins that are loaded must lie under the same
 * paths on all machines.
 *
 * <p>Immutable: each {@code with…} gives a changed copy.
 */
public final class ShardedComparison {

  private static final int PROBES_AT_ONCE = 16;

  private final Rule rule;

  private ShardedComparison(Rule rule) {
    this.rule = rule;
  }

  /**
   * Compares by these measures all layers, positions as samples, in processes of their own.
   *
   * @param measures names with their parameters, such as {@code svcca:0.9}; results are in this
   *     order and under these names, each once
   * @throws PalimpsestException if there is none, no such measure, or one needs all samples at once
   */
  public static ShardedComparison by(List<String> measures) {
    if (measures.isEmpty()) {
      throw new PalimpsestException("Nothing can be compared by no measure. Name one.");
    }
    measures.forEach(name -> CoMoments.streaming().requireEnoughFor(Measures.parse(name)));
    return new ShardedComparison(
        new Rule(
            List.copyOf(new LinkedHashSet<>(measures)),
            List.of(),
            MapsParcel.of(FeatureMaps.positions()),
            false));
  }

  /** Feature maps become matrices by this rule. */
  public ShardedComparison withFeatureMaps(FeatureMaps maps) {
    return new ShardedComparison(
        new Rule(rule.measures(), rule.layers(), MapsParcel.of(maps), rule.inProcess()));
  }

  /**
   * Compares these layers alone.
   *
   * @throws PalimpsestException if a glob cannot be understood
   */
  public ShardedComparison withLayers(List<String> globs) {
    return new ShardedComparison(
        new Rule(
            rule.measures(),
            List.copyOf(LayerSelector.of(globs).globs()),
            rule.maps(),
            rule.inProcess()));
  }

  /** Runs models in the executor itself: not for models that you do not trust. */
  public ShardedComparison inProcess() {
    return new ShardedComparison(new Rule(rule.measures(), rule.layers(), rule.maps(), true));
  }

  /** How networks are compared, in a form that Spark sends. */
  private record Rule(
      List<String> measures, List<String> layers, MapsParcel maps, boolean inProcess)
      implements Serializable {

    /** What is gathered: co-moments, and moments of images for the measure that needs them. */
    List<Gathering> gatherings() {
      List<String> ofImages = new ArrayList<>();
      List<String> others = new ArrayList<>();
      boolean positions = maps.opened().mode() == FeatureMaps.Mode.POSITIONS;
      for (String name : measures) {
        boolean isOfImages = positions && Measures.parse(name).equals(Cka.debiased());
        (isOfImages ? ofImages : others).add(name);
      }
      return Stream.of(
              new Gathering(others, CoMoments.streaming()),
              new Gathering(ofImages, CoMoments.ofImages()))
          .filter(gathering -> !gathering.measures().isEmpty())
          .toList();
    }
  }

  /** Measures, as they were asked for, that sums of one kind are enough for. */
  private record Gathering(List<String> measures, StreamedLayers.Kind kind) {

    Part begun(Probes probes, FeatureMaps maps) {
      List<Measure<?>> parsed = new ArrayList<>();
      measures.forEach(name -> parsed.add(Measures.parse(name)));
      return new Part(measures, Comparison.by(parsed).withFeatureMaps(maps).partial(probes, kind));
    }
  }

  /** Two networks, by some measures. */
  private record Part(List<String> measures, PartialComparison sums) {

    /** Named as they were asked for. */
    ComparisonResult result() {
      return sums.result().named(measures);
    }
  }

  /** Two networks, by all measures. */
  private record Pair(List<Part> parts) {

    void add(long from, long to, ActivationSet a, ActivationSet b) {
      parts.forEach(part -> part.sums().add(from, to, a, b));
    }

    /** All matrices, in the order of the measures. */
    ComparisonResult result(List<String> measures) {
      List<ComparisonResult> results = parts.stream().map(Part::result).toList();
      ComparisonResult first = results.get(0);
      return new ComparisonResult(
          first.a(),
          first.b(),
          results.stream()
              .flatMap(one -> one.matrices().stream())
              .sorted(Comparator.comparingInt(matrix -> measures.indexOf(matrix.measure())))
              .toList(),
          first.views());
    }
  }

  /** What all shards have in common. */
  private record Brief(
      Rule rule,
      PluginParcel plugins,
      List<String> networks,
      String probes,
      long count,
      String fingerprint)
      implements Serializable {

    List<Pair> begun() {
      plugins.load();
      Probes known = new KnownProbes(count, new Fingerprint(fingerprint));
      FeatureMaps maps = rule.maps().opened();
      List<Pair> begun = new ArrayList<>();
      for (int i = 0; i < networks.size(); i++) {
        for (int j = i + 1; j < networks.size(); j++) {
          begun.add(
              new Pair(rule.gatherings().stream().map(one -> one.begun(known, maps)).toList()));
        }
      }
      return begun;
    }

    byte[] written(List<Pair> pairs) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      for (Pair pair : pairs) {
        for (Part part : pair.parts()) {
          part.sums().write(out);
        }
      }
      return bytes.toByteArray();
    }

    List<Pair> read(byte[] bytes, List<Pair> into) throws IOException {
      if (bytes.length > 0) {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        for (Pair pair : into) {
          for (Part part : pair.parts()) {
            part.sums().merge(in);
          }
        }
      }
      return into;
    }
  }

  /** Some successive probes. */
  private record Shard(long from, long to) implements Serializable {}

  /** Shows networks a shard and adds what they answer. */
  private record Show(Brief brief) implements Function2<byte[], Shard, byte[]> {

    @Override
    public byte[] call(byte[] before, Shard shard) throws IOException {
      try {
        return with(before, shard);
      } catch (RuntimeException failure) {
        throw ExecutorFailure.sendable(failure);
      }
    }

    private byte[] with(byte[] before, Shard shard) throws IOException {
      Probes probes =
          OpenedProbes.of(Path.of(brief.probes()), new Fingerprint(brief.fingerprint()));
      List<Pair> pairs = brief.begun();
      List<ActivationSource> opened = new ArrayList<>();
      try {
        for (String network : brief.networks()) {
          opened.add(open(Path.of(network), brief.rule().inProcess()));
        }
        show(probes, shard, opened, pairs);
      } finally {
        opened.forEach(ActivationSource::close);
      }
      return brief.written(brief.read(before, pairs));
    }

    private void show(
        Probes probes, Shard shard, List<ActivationSource> networks, List<Pair> pairs) {
      LayerSelector layers = LayerSelector.of(brief.rule().layers());
      for (long from = shard.from(); from < shard.to(); from += PROBES_AT_ONCE) {
        long to = Math.min(from + PROBES_AT_ONCE, shard.to());
        Probes some = probes.range(from, to);
        List<ActivationSet> answers = new ArrayList<>();
        for (ActivationSource network : networks) {
          answers.add(network.capture(some, layers, Progress.silent()));
        }
        int pair = 0;
        for (int i = 0; i < answers.size(); i++) {
          for (int j = i + 1; j < answers.size(); j++) {
            pairs.get(pair++).add(from, to, answers.get(i), answers.get(j));
          }
        }
      }
    }

    private static ActivationSource open(Path file, boolean inProcess) {
      Input input =
          inProcess
              ? Inputs.open(file, RunLimits.withDefaults(), NetworkOptions.none())
              : Inputs.openIsolated(file, RunLimits.withDefaults(), NetworkOptions.none());
      if (input instanceof Input.Model model) {
        return model.source();
      }
      input.close();
      throw new PalimpsestException(
          file + " holds activations; shards of probes are shown to models.");
    }
  }

  /** Merges what two shards gave. */
  private record Merge(Brief brief) implements Function2<byte[], byte[], byte[]> {

    @Override
    public byte[] call(byte[] a, byte[] b) throws IOException {
      if (a.length == 0 || b.length == 0) {
        return a.length == 0 ? b : a;
      }
      return brief.written(brief.read(b, brief.read(a, brief.begun())));
    }
  }

  /**
   * Compares each network with each after it.
   *
   * @param networks models, two at least
   * @param probes an array of NumPy, samples first
   * @param shards into how many parts the probes are divided, each of 16 probes at least
   * @return a result for each pair: the first with the second, with the third, and so on
   * @throws PalimpsestException if a network or the probes cannot be read, or networks cannot be
   *     compared
   */
  public List<ComparisonResult> compare(
      JavaSparkContext spark, List<Path> networks, Path probes, int shards) {
    if (networks.size() < 2 || shards < 1) {
      throw new PalimpsestException(
          "%s networks cannot be compared over %s shards: it takes two networks and one shard."
              .formatted(networks.size(), shards));
    }
    NpyProbes shown = NpyProbes.open(probes);
    Brief brief =
        new Brief(
            rule,
            PluginParcel.loaded(),
            List.copyOf(networks.stream().map(ShardedComparison::whole).toList()),
            whole(probes),
            shown.count(),
            shown.fingerprint().value());
    List<Pair> all = brief.begun();
    List<Shard> parts = shards(shown.count(), shards);
    byte[] sums = sums(spark, brief, parts);
    try {
      return brief.read(sums, all).stream().map(pair -> pair.result(rule.measures())).toList();
    } catch (IOException impossible) {
      throw new PalimpsestException("The merged sums are cut short.", impossible);
    }
  }

  /** What fails on an executor is told as if it had failed here. */
  private static byte[] sums(JavaSparkContext spark, Brief brief, List<Shard> parts) {
    try {
      return spark
          .parallelize(parts, parts.size())
          .treeAggregate(new byte[0], new Show(brief), new Merge(brief));
    } catch (Exception failure) {
      ExecutorFailure.requireRunning(spark, failure);
      throw ExecutorFailure.of(failure).asHere(failure);
    }
  }

  private static String whole(Path file) {
    return file.toAbsolutePath().normalize().toString();
  }

  /**
   * Cut where one process begins to show a network more probes: how many it is shown at once
   * decides the last digits of what it answers in float32.
   */
  private static List<Shard> shards(long probes, int wanted) {
    long batches = (probes + PROBES_AT_ONCE - 1) / PROBES_AT_ONCE;
    long count = Math.min(wanted, batches);
    List<Shard> shards = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      long end = (i + 1) * batches / count * PROBES_AT_ONCE;
      shards.add(new Shard(i * batches / count * PROBES_AT_ONCE, Math.min(end, probes)));
    }
    return shards;
  }

  /**
   * Probes that this process has opened for shards. Opening reads the file from end to end, so that
   * it is done once, and again only where the file has changed since.
   */
  static final class OpenedProbes {

    private static final Map<Path, Probes> OPENED = new ConcurrentHashMap<>();

    private OpenedProbes() {}

    /**
     * The probes in a file.
     *
     * @param wanted those that the driver found under the same path
     * @throws PalimpsestException if they are others here
     */
    static Probes of(Path file, Fingerprint wanted) {
      Probes here =
          OPENED.compute(
              file, (path, before) -> areStill(before, wanted) ? before : NpyProbes.open(path));
      if (!here.fingerprint().equals(wanted)) {
        throw new PalimpsestException(
            "%s holds other probes on this machine (fingerprint %s) than on the driver (%s). Copy the driver's file to all machines."
                .formatted(file, here.fingerprint(), wanted));
      }
      return here;
    }

    private static boolean areStill(@Nullable Probes before, Fingerprint wanted) {
      if (before == null || !before.fingerprint().equals(wanted)) {
        return false;
      }
      try {
        before.batch(0, 1); // refused if the file was written to, be it with the same content
        return true;
      } catch (PalimpsestException changed) {
        return false;
      }
    }
  }
}
