package org.palimpsest.core.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.ComparisonRun.ScoreTables;
import org.palimpsest.core.internal.engine.FailureOf;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.core.representation.FeatureMaps.View;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.Representation;

/**
 * The comparison of two networks that have been shown some of the probes: sums over the samples, of
 * which those of other probes merge in any order, so that shards of probes may be shown on several
 * machines. {@link Comparison#partial} begins one.
 *
 * <p>It knows which probes it rests on: none counts twice, and there are scores when none is
 * missing. For one thread.
 */
public final class PartialComparison {

  private static final long GARBAGE_OF_MEMORY = 1L << 30;

  /** How two networks are compared. */
  record Rule(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      Partners partners,
      StreamedLayers.Kind kind) {}

  private final Rule rule;
  private final Probes probes;
  private final ProbeRanges shown;
  private final OffHeapGarbage garbage = OffHeapGarbage.within(GARBAGE_OF_MEMORY);
  private Shard.Side a = Shard.Side.none();
  private Shard.Side b = Shard.Side.none();
  private List<Meeting> meetings = List.of();
  private List<StreamedLayers> sums = List.of();
  private boolean isHalfChanged;

  PartialComparison(Rule rule, Probes probes) {
    this.rule = rule;
    this.probes = probes;
    this.shown = new ProbeRanges(probes.count());
  }

  /** How many of the probes it rests on. */
  public long shownProbes() {
    return shown.count();
  }

  /**
   * Adds the outputs of both networks for some successive probes. If it is refused, nothing
   * changes; but where sums of some layers refuse (values too large for them) after those of others
   * have changed, it refuses all that comes after.
   *
   * @param from index of the first of them
   * @param to index after the last
   * @param ofA the first network's outputs for {@link Probes#range} of the probes, the same layers
   *     each time
   * @param ofB the second network's outputs for the same probes
   * @throws PalimpsestException if it rests on one of them already, the outputs are not for exactly
   *     these probes, networks, layers or their shapes differ from those of earlier probes, no
   *     layers meet, or a value is not finite
   */
  public void add(long from, long to, ActivationSet ofA, ActivationSet ofB) {
    requireWhole();
    shown.requireNew(from, to);
    Fingerprint fingerprint = probes.range(from, to).fingerprint();
    Shard.Side first = Shard.Side.of(ofA, to - from, fingerprint);
    Shard.Side second = Shard.Side.of(ofB, to - from, fingerprint);
    a.requireSame(first);
    b.requireSame(second);
    boolean begins = sums.isEmpty();
    List<Meeting> met =
        begins ? rule.partners().meetings(grids(first, ofA), grids(second, ofB)) : meetings;
    List<StreamedLayers> changed =
        begins ? met.stream().map(meeting -> rule.kind().begin()).toList() : sums;
    boolean featuresFirst = to - from == 1 && rule.kind().readsFeaturesFirst();
    Map<MatrixRequest.Target, INDArray> rows =
        matrices(ofA, Meeting.grids(met, Meeting::rows), from, featuresFirst);
    Map<MatrixRequest.Target, INDArray> columns =
        matrices(ofB, Meeting.grids(met, Meeting::columns), from, featuresFirst);
    try {
      for (int i = 0; i < met.size(); i++) {
        Meeting meeting = met.get(i);
        isHalfChanged = !begins && i > 0;
        changed
            .get(i)
            .add(
                on(meeting.grid(), meeting.rows(), rows, to - from),
                on(meeting.grid(), meeting.columns(), columns, to - from));
      }
    } finally {
      closeOwn(rows, ofA);
      closeOwn(columns, ofB);
    }
    isHalfChanged = false;
    shown.add(from, to);
    if (begins) {
      begin(first, second, met, changed);
    }
  }

  private void begin(
      Shard.Side first, Shard.Side second, List<Meeting> met, List<StreamedLayers> begun) {
    a = first;
    b = second;
    meetings = met;
    sums = begun;
  }

  private Meeting.Side grids(Shard.Side side, ActivationSet answers) {
    Map<String, Grid> grids = new LinkedHashMap<>();
    side.layers().forEach(layer -> grids.put(layer, rule.featureMaps().gridOf(answers.get(layer))));
    return new Meeting.Side(answers.name(), grids);
  }

  private void requireWhole() {
    if (isHalfChanged) {
      throw new PalimpsestException(
          "Sums of some layers of %s and %s refused probes that those of others hold. Gather them again."
              .formatted(a.provenance().origin(), b.provenance().origin()));
    }
  }

  /** Those that do not lie in the memory of the outputs themselves. */
  private static void closeOwn(
      Map<MatrixRequest.Target, INDArray> matrices, ActivationSet answers) {
    matrices.forEach(
        (target, matrix) -> {
          if (address(matrix) != address(answers.get(target.layer()).values())) {
            matrix.close();
          }
        });
  }

  private static long address(INDArray tensor) {
    return tensor.data().pointer().address();
  }

  private Map<MatrixRequest.Target, INDArray> matrices(
      ActivationSet answers, Map<String, Set<Grid>> wanted, long from, boolean featuresFirst) {
    MatrixRequest request = new MatrixRequest(LayerSelector.all(), rule.featureMaps(), wanted);
    Map<MatrixRequest.Target, INDArray> made = new LinkedHashMap<>();
    for (String layer : wanted.keySet()) {
      INDArray values = answers.get(layer).values();
      try {
        made.putAll(
            featuresFirst
                ? request.reduceFeaturesFirst(layer, values, from)
                : request.reduce(layer, values, from));
      } catch (PalimpsestException failure) {
        throw FailureOf.network(answers.name(), answers.provenance(), layer, failure);
      }
      garbage.leave(values.length() * values.dataType().width());
    }
    return made;
  }

  private Representation representation(
      MatrixRequest.Target target, INDArray matrix, long ofProbes) {
    return new Representation(
        new Representation.Info(
            target.layer(),
            matrix.rows(),
            matrix.columns(),
            Math.toIntExact(matrix.rows() / ofProbes),
            probes.fingerprint(),
            new View(rule.featureMaps(), target.grid()).describe()),
        matrix);
  }

  private List<Representation> on(
      Grid grid, List<String> layers, Map<MatrixRequest.Target, INDArray> matrices, long ofProbes) {
    return layers.stream()
        .map(layer -> new MatrixRequest.Target(layer, grid))
        .map(
            target ->
                representation(
                    target, Objects.requireNonNull(matrices.get(target), target.layer()), ofProbes))
        .toList();
  }

  /**
   * Adds what another rests on. If it is refused, nothing changes, but as {@link #add}.
   *
   * @param other of the same probes, networks, layers, measures and rules; not to be used any more
   * @throws PalimpsestException if both rest on one probe, or those differ, naming both
   */
  public void merge(PartialComparison other) {
    other.requireWhole();
    merge(other.shard());
  }

  private Shard shard() {
    List<String> measures = rule.measures().stream().<String>map(Measure::name).toList();
    return new Shard(
        new Shard.Terms(
            probes.count(),
            probes.fingerprint(),
            measures,
            rule.featureMaps().describe(),
            rule.partners().toString()),
        shown.ranges(),
        a,
        b,
        meetings,
        sums);
  }

  private void merge(Shard other) {
    requireWhole();
    shard().requireFitting(other);
    other.shown().forEach(shown::requireNew);
    if (sums.isEmpty()) {
      // sums of another kind refuse even none of this kind
      other.sums().forEach(one -> one.merge(rule.kind().begin()));
      begin(other.a(), other.b(), other.meetings(), other.sums());
    } else {
      for (int i = 0; i < other.sums().size(); i++) {
        isHalfChanged = i > 0;
        sums.get(i).merge(other.sums().get(i));
      }
      isHalfChanged = false;
    }
    other.shown().forEach(shown::add);
  }

  /**
   * The scores.
   *
   * @throws PalimpsestException if not all probes were shown, or there is no score at all
   */
  public ComparisonResult result() {
    requireWhole();
    if (shownProbes() != probes.count()) {
      throw new PalimpsestException(
          "Of %s probes %s were shown (%s). Show the others too."
              .formatted(probes.count(), shownProbes(), shown.ranges()));
    }
    ScoreTables tables = new ScoreTables(rule.measures(), a.layers(), b.layers());
    for (int i = 0; i < meetings.size(); i++) {
      tables.view(meetings.get(i), grid -> new View(rule.featureMaps(), grid).describe());
      for (int measure = 0; measure < rule.measures().size(); measure++) {
        score(meetings.get(i), sums.get(i), measure, tables);
      }
    }
    return tables.result(a.provenance(), b.provenance());
  }

  private void score(Meeting meeting, StreamedLayers ofMeeting, int measure, ScoreTables tables) {
    List<String> rows = meeting.rows();
    List<String> columns = meeting.columns();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        try {
          tables.score(
              measure,
              rows.get(i),
              columns.get(j),
              ofMeeting.score(rule.measures().get(measure), i, j));
        } catch (PalimpsestException failure) {
          tables.failure(measure, rows.get(i), columns.get(j), failure);
        }
      }
    }
  }

  /**
   * Writes all of it for {@link #merge(InputStream)} of the same version of the library, under
   * checksums; the stream is flushed and left open, so that several can follow one another.
   */
  public void write(OutputStream stream) throws IOException {
    requireWhole();
    shard().write(stream);
  }

  /**
   * Adds what another rested on that was written by {@link #write}, and reads to the last byte of
   * it and no further.
   *
   * @throws PalimpsestException as {@link #merge(PartialComparison)}, or if it is not that, cut
   *     short or damaged; then nothing changes
   */
  public void merge(InputStream stream) throws IOException {
    merge(Shard.read(stream, rule.kind()));
  }

  /**
   * Layers of two networks of which sums over samples are kept, and not the samples, so that memory
   * depends on the layers' widths and not on the number of samples. Implementations are for one
   * thread.
   */
  public interface StreamedLayers {

    /** One way to keep sums. */
    interface Kind {

      /**
       * Makes sure that the sums are all that a measure needs.
       *
       * @throws org.palimpsest.core.PalimpsestException if it needs more, saying which measures do
       *     not
       */
      void requireEnoughFor(Measure<?> measure);

      /**
       * Whether batches had better come with the values of each feature one after the other in
       * memory (order 'f'), as networks give them. Others are laid out samples first.
       */
      default boolean readsFeaturesFirst() {
        return false;
      }

      /** Sums over no samples yet. */
      StreamedLayers begin();

      /**
       * Reads what {@link StreamedLayers#write} wrote, to the last byte of it and no further.
       *
       * @throws org.palimpsest.core.PalimpsestException if it is not that, or damaged
       */
      StreamedLayers read(InputStream in) throws IOException;
    }

    /**
     * Adds a batch of samples.
     *
     * @param a the first network's layers, the same in the same order each time
     * @param b the second's; row i of both comes from the same sample
     * @throws org.palimpsest.core.PalimpsestException if layers or numbers of samples do not fit,
     *     or a value is not finite; then nothing was added
     */
    void add(List<Representation> a, List<Representation> b);

    /**
     * Compares two layers by what was added so far, and says why the value may say little.
     *
     * @param measure one for which the sums are {@linkplain Kind#requireEnoughFor enough}
     * @param a index of the first network's layer
     * @param b index of the second network's layer
     * @throws org.palimpsest.core.PalimpsestException if the measure cannot tell anything of them,
     *     such as of a layer that is constant
     */
    Score score(Measure<?> measure, int a, int b);

    /**
     * Adds what others have gathered of other samples of the same layers.
     *
     * @param others of the same kind; not changed
     * @throws org.palimpsest.core.PalimpsestException if kinds or layers differ; then nothing was
     *     added
     */
    void merge(StreamedLayers others);

    /** Writes all of it; the stream is flushed and left open. */
    void write(OutputStream out) throws IOException;
  }
}
