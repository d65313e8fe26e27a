package org.palimpsest.core.evolution;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Study.LayerMeasurement;
import org.palimpsest.core.evolution.Study.WeightComparison;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.evolution.StudyJournal.Outcome;
import org.palimpsest.core.evolution.TrainingRun.Checkpoint;
import org.palimpsest.core.evolution.TrainingRun.CheckpointOpener;
import org.palimpsest.core.measure.Computation.Preparation;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.MeasureProperties;
import org.palimpsest.core.measure.MeasureProperties.Range;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.Spill;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedFormat.PreparedInput;
import org.palimpsest.core.measure.PreparedFormat.PreparedOutput;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.measure.Score.Diagnostics;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/**
 * CheckpointOpener whose layers answer every probe with one number: a run's offset plus the step,
 * so that the distance between any two checkpoints is known.
 */
final class FakeStudy implements CheckpointOpener, StudyJournal, Spill {

  static final Probes PROBES = Probes.of(Nd4j.ones(2, 1));

  List<String> runsOfNetworks = new ArrayList<>();
  List<String> preparations = new ArrayList<>();
  final List<Measurement.Key> kept = new ArrayList<>();
  final Set<String> broken = new TreeSet<>();
  final Set<String> weightsAlone = new TreeSet<>();
  final Map<String, String> hashes = new HashMap<>();
  final Set<String> shapeless = new TreeSet<>();
  final Set<String> random = new TreeSet<>();
  int failAfterMeasurements = Integer.MAX_VALUE;
  final Set<String> replacedWhileRead = new TreeSet<>();
  boolean hasWeights;
  boolean spillIsFull;
  boolean journalIsFull;
  int spills;

  final Map<Measurement.Key, Outcome> outcomes = new HashMap<>();
  private final Map<String, LayerGrids> structures = new HashMap<>();
  final Map<String, List<String>> cautionsKept = new HashMap<>();
  private final List<byte[]> spilled = new ArrayList<>();

  static TrainingRun run(String initialisation, int seed, long... steps) {
    List<Checkpoint> checkpoints = new ArrayList<>();
    for (long step : steps) {
      String location = initialisation + "/" + seed + "/" + step;
      checkpoints.add(new Checkpoint(step, location, OptionalDouble.empty()));
    }
    return new TrainingRun(
        initialisation + "/seed" + seed, initialisation, OptionalLong.of(seed), checkpoints);
  }

  Study study(List<TrainingRun> runs) {
    return Study.of(runs, PROBES, List.of(new Distance(new Total(preparations))));
  }

  /** By a measure that is not symmetric as well. */
  Study twoSidedStudy(List<TrainingRun> runs) {
    Total total = new Total(preparations);
    return Study.of(runs, PROBES, List.of(new Distance(total), new Excess(total)));
  }

  EvolutionTracker tracker() {
    return EvolutionTracker.of(this, this, this);
  }

  @Override
  public String contentHash(Checkpoint checkpoint) {
    return hashes.getOrDefault(checkpoint.location(), checkpoint.location());
  }

  @Override
  public boolean canRun(Checkpoint checkpoint) {
    return !weightsAlone.contains(checkpoint.location());
  }

  @Override
  public ActivationSource open(Checkpoint checkpoint) {
    runsOfNetworks.add(checkpoint.location());
    replaceIfWanted(checkpoint);
    if (broken.contains(checkpoint.location())) {
      throw new PalimpsestException(checkpoint.location() + " is broken.");
    }
    String[] parts = checkpoint.location().split("/");
    double value =
        parts[0].length() * 100 + 10 * Integer.parseInt(parts[1]) + Integer.parseInt(parts[2]);
    boolean hasShape = !shapeless.contains(checkpoint.location());
    List<String> notes =
        random.contains(checkpoint.location())
            ? List.of("run in evaluation mode", "draws random numbers")
            : List.of("run in evaluation mode");
    return new Constant(checkpoint.location(), value, hasShape, notes);
  }

  private void replaceIfWanted(Checkpoint checkpoint) {
    if (replacedWhileRead.remove(checkpoint.location())) {
      hashes.put(checkpoint.location(), "another");
    }
  }

  @Override
  public Weights weights(Checkpoint checkpoint) {
    replaceIfWanted(checkpoint);
    if (broken.contains(checkpoint.location())) {
      throw new PalimpsestException(checkpoint.location() + " is broken.");
    }
    if (!hasWeights) {
      throw new PalimpsestException(checkpoint.location() + " holds no weights");
    }
    String[] parts = checkpoint.location().split("/");
    double value = 1 + 10 * Integer.parseInt(parts[1]) + Integer.parseInt(parts[2]);
    INDArray values = Nd4j.valueArrayOf(new long[] {1, 2}, value);
    return Weights.of(
        Provenance.inMemory(checkpoint.location()),
        checkpoint.location(),
        List.of(new WeightTensor("fc.weight", values, "float64", LayerKind.LINEAR)));
  }

  @Override
  public Optional<Outcome> outcome(Measurement.Key key) {
    return Optional.ofNullable(outcomes.get(key));
  }

  @Override
  public void keep(Measurement.Key key, Outcome outcome) {
    if (kept.size() >= failAfterMeasurements) {
      throw new IllegalStateException("killed");
    }
    kept.add(key);
    outcomes.put(key, outcome);
  }

  @Override
  public Optional<LayerGrids> structure(String subject) {
    return Optional.ofNullable(structures.get(subject));
  }

  @Override
  public void keep(String subject, LayerGrids structure) {
    requireRoomInJournal();
    structures.put(subject, structure);
  }

  private void requireRoomInJournal() {
    if (journalIsFull) {
      throw new PalimpsestException("no room in the journal");
    }
  }

  @Override
  public Optional<List<String>> cautions(String subject) {
    return Optional.ofNullable(cautionsKept.get(subject));
  }

  @Override
  public void keepCautions(String subject, List<String> cautions) {
    requireRoomInJournal();
    cautionsKept.put(subject, cautions);
  }

  @Override
  public <P extends Prepared> int write(P prepared, PreparedFormat<P> format) {
    if (spillIsFull) {
      throw new PalimpsestException("no room for what is spilled");
    }
    spills++;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      format.write(prepared, new PreparedOutput(bytes));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    spilled.add(bytes.toByteArray());
    return spilled.size() - 1;
  }

  @Override
  public <P extends Prepared> P read(int number, PreparedFormat<P> format) {
    byte[] bytes = spilled.get(number);
    try {
      return format.read(new PreparedInput(new ByteArrayInputStream(bytes), bytes.length));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  public void close() {}

  /** Two layers: the value, and twice the value, whose positions may be unknown. */
  private record Constant(String name, double value, boolean hasShape, List<String> notes)
      implements ActivationSource {

    @Override
    public Provenance provenance() {
      return new Provenance(name, "", notes);
    }

    @Override
    public void run(
        Probes probes,
        LayerSelector layers,
        Progress progress,
        Consumer<ActivationBatch> receiver) {
      INDArray answer = Nd4j.valueArrayOf(new long[] {probes.count(), 1}, value);
      layers.requireEachGlobMatches(List.of("single", "double"));
      INDArray twice = answer.mul(2);
      INDArray second = hasShape ? twice : twice.reshape(probes.count(), 1, 1);
      receiver.accept(new ActivationBatch(0, Map.of("single", answer, "double", second)));
    }

    @Override
    public void close() {}
  }

  private record Sum(Representation.Info info, double value) implements Prepared {}

  private static final class SumFormat implements PreparedFormat<Sum> {

    @Override
    public void write(Sum sum, PreparedOutput out) throws IOException {
      out.writeInfo(sum.info());
      out.writeDouble(sum.value());
    }

    @Override
    public Sum read(PreparedInput in) throws IOException {
      return new Sum(in.readInfo(), in.readDouble());
    }
  }

  private record Total(List<String> log) implements Preparation<Sum> {

    @Override
    public Sum prepare(Representation r) {
      double value = r.matrix().getDouble(0, 0);
      log.add(r.layer() + " " + value);
      return new Sum(r.info(), value);
    }

    @Override
    public Optional<PreparedFormat<Sum>> format() {
      return Optional.of(new SumFormat());
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Total that && log == that.log;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(log);
    }
  }

  /** By how much the first value exceeds the second, as a share of the second. */
  private record Excess(Total preparation) implements Measure<Sum> {

    @Override
    public String name() {
      return "excess";
    }

    @Override
    public MeasureProperties properties() {
      return MeasureProperties.distance("excess over the second value")
          .range(Range.NON_NEGATIVE)
          .asymmetric()
          .source("this test")
          .cost("O(1)")
          .build();
    }

    @Override
    public Score compare(Sum a, Sum b) {
      double excess = Math.max(0, a.value() - b.value()) / b.value();
      return Score.of(excess, properties(), Diagnostics.of(a.info().samples()));
    }
  }

  /** The difference and the ratio of the first weight of a layer. */
  record FirstWeights() implements WeightComparison {

    @Override
    public String name() {
      return "first";
    }

    @Override
    public List<String> measures() {
      return List.of("weight_difference", "weight_ratio");
    }

    @Override
    public Set<String> symmetricMeasures() {
      return Set.of("weight_difference");
    }

    @Override
    public List<LayerMeasurement> compare(Weights a, Weights b) {
      double first = a.tensors().get(0).values().getDouble(0);
      double second = b.tensors().get(0).values().getDouble(0);
      return List.of(
          new LayerMeasurement(
              "fc", "weight_difference", Measurement.of(Math.abs(first - second), 1)),
          new LayerMeasurement("fc", "weight_ratio", Measurement.of(first / second, 1)));
    }
  }

  private record Distance(Total preparation) implements Measure<Sum> {

    @Override
    public String name() {
      return "distance";
    }

    @Override
    public MeasureProperties properties() {
      return MeasureProperties.distance("distance of the values")
          .range(Range.NON_NEGATIVE)
          .source("this test")
          .cost("O(1)")
          .build();
    }

    @Override
    public Score compare(Sum a, Sum b) {
      double distance = Math.abs(a.value() - b.value());
      return Score.of(distance, properties(), Diagnostics.of(a.info().samples()));
    }
  }
}
