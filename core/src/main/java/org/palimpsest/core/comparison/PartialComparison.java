package org.palimpsest.core.comparison;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.activation.SteadyShapes;
import org.palimpsest.core.internal.engine.OffHeapGarbage;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.Grid;
import org.palimpsest.core.representation.MatrixRequest;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.core.representation.View;

/**
 * The comparison of two networks that have been shown some of the probes: sums over the samples, of
 * which those of other probes merge in any order, so that shards of probes may be shown on several
 * machines. {@link Comparison#partial} begins one.
 *
 * <p>It knows which probes it rests on: none counts twice, and there are scores when none is
 * missing. For one thread.
 */
public final class PartialComparison {

  private static final int MOST_TEXT_BYTES = 1 << 20;
  private static final int MOST_PARTS = 1 << 20;
  private static final long GARBAGE_OF_MEMORY = 1L << 30;

  /** How two networks are compared. */
  record Rule(
      List<Measure<?>> measures,
      FeatureMaps featureMaps,
      BiFunction<Meeting.Side, Meeting.Side, List<Meeting>> meetings,
      StreamedLayers.Kind kind) {}

  /** Layers that meet, and the sums of them. */
  private record Gathered(Meeting meeting, StreamedLayers sums) {}

  /** One of the networks. */
  private static final class Side {

    private final SteadyShapes shapes = new SteadyShapes();
    private Provenance provenance = Provenance.inMemory("");
    private List<String> layers = List.of();
    private Map<String, Set<Grid>> wanted = Map.of();

    void require(ActivationSet answers, long firstProbe, boolean isFirst) {
      if (layers.isEmpty()) {
        layers = answers.layers();
        provenance = answers.provenance();
      } else if (!layers.equals(answers.layers())) {
        throw new PalimpsestException(
            "%s answers the probes from number %d on with other layers than the earlier ones (%s, and %s). Choose layers that always run."
                .formatted(answers.name(), firstProbe, answers.layers(), layers));
      }
      for (String layer : layers) {
        shapes.require(layer, answers.get(layer).values().shape(), isFirst ? 0 : firstProbe);
      }
    }

    Meeting.Side grids(ActivationSet answers, FeatureMaps rule) {
      Map<String, Grid> grids = new LinkedHashMap<>();
      layers.forEach(layer -> grids.put(layer, rule.gridOf(answers.get(layer))));
      return new Meeting.Side(answers.name(), grids);
    }

    void merge(Side other, String what) {
      if (layers.isEmpty()) {
        layers = other.layers;
        provenance = other.provenance;
        wanted = other.wanted;
      } else if (!layers.equals(other.layers) || !provenance.equals(other.provenance)) {
        throw new PalimpsestException(
            "Shards of different networks cannot be merged: the %s is %s with the layers %s, and %s with %s."
                .formatted(
                    what, provenance.origin(), layers, other.provenance.origin(), other.layers));
      }
    }
  }

  private final Rule rule;
  private final Probes probes;
  private final Side a = new Side();
  private final Side b = new Side();
  private final OffHeapGarbage garbage = OffHeapGarbage.within(GARBAGE_OF_MEMORY);
  private final NavigableMap<Long, Long> shown = new TreeMap<>();
  private List<Gathered> gathered = List.of();
  private boolean sawActivations;

  PartialComparison(Rule rule, Probes probes) {
    this.rule = rule;
    this.probes = probes;
  }

  /** How many of the probes it rests on. */
  public long shownProbes() {
    return shown.entrySet().stream().mapToLong(range -> range.getValue() - range.getKey()).sum();
  }

  /**
   * Adds what both networks answered to some successive probes.
   *
   * @param from index of the first of them
   * @param to index after the last
   * @param ofA the first network's answers, the same layers each time
   * @param ofB the second network's answers to the same probes
   * @throws PalimpsestException if it rests on one of them already, layers or their shapes differ
   *     from those of earlier probes, no layers meet, or a value is not finite; then it is of no
   *     more use
   */
  public void add(long from, long to, ActivationSet ofA, ActivationSet ofB) {
    cover(from, to);
    a.require(ofA, from, !sawActivations);
    b.require(ofB, from, !sawActivations);
    sawActivations = true;
    if (gathered.isEmpty()) {
      FeatureMaps maps = rule.featureMaps();
      begin(rule.meetings().apply(a.grids(ofA, maps), b.grids(ofB, maps)));
    }
    Map<MatrixRequest.Target, Representation> rows = matrices(ofA, a.wanted, from, to);
    Map<MatrixRequest.Target, Representation> columns = matrices(ofB, b.wanted, from, to);
    for (Gathered one : gathered) {
      Meeting meeting = one.meeting();
      one.sums()
          .add(
              on(meeting.grid(), meeting.rows(), rows),
              on(meeting.grid(), meeting.columns(), columns));
    }
  }

  private void begin(List<Meeting> meetings) {
    a.wanted = Meeting.grids(meetings, Meeting::rows);
    b.wanted = Meeting.grids(meetings, Meeting::columns);
    gathered =
        meetings.stream().map(meeting -> new Gathered(meeting, rule.kind().begin())).toList();
  }

  private void cover(long from, long to) {
    Map.Entry<Long, Long> before = shown.lowerEntry(to);
    if (from < 0 || from >= to || to > probes.count()) {
      throw new PalimpsestException(
          "There are no probes from %d to %d, of %d.".formatted(from, to, probes.count()));
    }
    if (before != null && before.getValue() > from) {
      throw new PalimpsestException(
          "Probes from %d to %d were shown already, among those from %d to %d. Show each once."
              .formatted(from, to, before.getKey(), before.getValue()));
    }
    Long start = before != null && before.getValue() == from ? before.getKey() : Long.valueOf(from);
    Long next = shown.remove(to);
    shown.put(start, next == null ? Long.valueOf(to) : next);
  }

  private Map<MatrixRequest.Target, Representation> matrices(
      ActivationSet answers, Map<String, Set<Grid>> wanted, long from, long to) {
    MatrixRequest request = new MatrixRequest(LayerSelector.all(), rule.featureMaps(), wanted);
    Map<MatrixRequest.Target, Representation> made = new LinkedHashMap<>();
    for (String layer : wanted.keySet()) {
      INDArray values = answers.get(layer).values();
      request
          .reduce(layer, values, from)
          .forEach((target, matrix) -> made.put(target, representation(target, matrix, to - from)));
      garbage.leave(values.length() * values.dataType().width());
    }
    made.values().forEach(one -> garbage.leave(one.matrix().length() * Double.BYTES));
    return made;
  }

  private Representation representation(
      MatrixRequest.Target target, INDArray matrix, long ofProbes) {
    return new Representation(
        new RepresentationInfo(
            target.layer(),
            matrix.rows(),
            matrix.columns(),
            Math.toIntExact(matrix.rows() / ofProbes),
            probes.fingerprint(),
            new View(rule.featureMaps(), target.grid()).describe()),
        matrix);
  }

  private static List<Representation> on(
      Grid grid, List<String> layers, Map<MatrixRequest.Target, Representation> matrices) {
    return layers.stream()
        .map(layer -> new MatrixRequest.Target(layer, grid))
        .map(target -> Objects.requireNonNull(matrices.get(target), target.layer()))
        .toList();
  }

  /**
   * Adds what another rests on.
   *
   * @param other of the same networks, measures and rule; not to be used any more
   * @throws PalimpsestException if both rest on one probe, or networks or layers differ
   */
  public void merge(PartialComparison other) {
    other.shown.forEach(this::cover);
    a.merge(other.a, "first");
    b.merge(other.b, "second");
    if (gathered.isEmpty()) {
      gathered = other.gathered;
      return;
    }
    List<Meeting> theirs = other.gathered.stream().map(Gathered::meeting).toList();
    if (!theirs.isEmpty() && !theirs.equals(gathered.stream().map(Gathered::meeting).toList())) {
      throw new PalimpsestException(
          "Shards cannot be merged in which layers of %s met on other grids. Show shards of one size of image."
              .formatted(a.provenance.origin()));
    }
    for (int i = 0; i < theirs.size(); i++) {
      gathered.get(i).sums().merge(other.gathered.get(i).sums());
    }
  }

  /**
   * The scores.
   *
   * @throws PalimpsestException if not all probes were shown, or there is no score at all
   */
  public ComparisonResult result() {
    if (shownProbes() != probes.count()) {
      throw new PalimpsestException(
          "Of %d probes %d were shown (%s). Show the others too."
              .formatted(probes.count(), shownProbes(), shown));
    }
    ScoreTables tables = new ScoreTables(rule.measures(), a.layers, b.layers);
    for (Gathered one : gathered) {
      tables.view(one.meeting(), rule.featureMaps());
      for (int measure = 0; measure < rule.measures().size(); measure++) {
        score(one, measure, tables);
      }
    }
    return tables.result(a.provenance, b.provenance);
  }

  private void score(Gathered one, int measure, ScoreTables tables) {
    List<String> rows = one.meeting().rows();
    List<String> columns = one.meeting().columns();
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < columns.size(); j++) {
        try {
          tables.score(
              measure,
              rows.get(i),
              columns.get(j),
              one.sums().score(rule.measures().get(measure), i, j));
        } catch (PalimpsestException failure) {
          tables.failure(measure, rows.get(i), columns.get(j), failure);
        }
      }
    }
  }

  /**
   * Writes all of it for {@link #merge(InputStream)} of the same version of the library; the stream
   * is flushed and left open.
   */
  public void write(OutputStream stream) throws IOException {
    DataOutputStream out = new DataOutputStream(stream);
    out.writeInt(shown.size());
    for (Map.Entry<Long, Long> range : shown.entrySet()) {
      out.writeLong(range.getKey());
      out.writeLong(range.getValue());
    }
    for (Side side : List.of(a, b)) {
      write(side.provenance.origin(), out);
      write(side.provenance.sha256(), out);
      write(side.provenance.notes(), out);
      write(side.layers, out);
    }
    out.writeInt(gathered.size());
    for (Gathered one : gathered) {
      write(one.meeting().rows(), out);
      write(one.meeting().columns(), out);
      write(one.meeting().grid().extents().stream().map(String::valueOf).toList(), out);
      out.flush();
      one.sums().write(stream);
    }
    out.flush();
  }

  private static void write(List<String> texts, DataOutputStream out) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      write(text, out);
    }
  }

  private static void write(String text, DataOutputStream out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /**
   * Adds what another rested on that was written by {@link #write}.
   *
   * @throws PalimpsestException as {@link #merge(PartialComparison)}, or if it is damaged
   */
  public void merge(InputStream stream) throws IOException {
    DataInputStream in = new DataInputStream(stream);
    PartialComparison other = new PartialComparison(rule, probes);
    int ranges = count(in, MOST_PARTS);
    for (int i = 0; i < ranges; i++) {
      other.cover(in.readLong(), in.readLong());
    }
    for (Side side : List.of(other.a, other.b)) {
      side.provenance = new Provenance(text(in), text(in), texts(in));
      side.layers = texts(in);
    }
    int meetings = count(in, MOST_PARTS);
    List<Gathered> read = new ArrayList<>();
    for (int i = 0; i < meetings; i++) {
      List<String> rows = texts(in);
      List<String> columns = texts(in);
      Grid grid = new Grid(texts(in).stream().map(Integer::valueOf).toList());
      read.add(new Gathered(new Meeting(rows, columns, grid), rule.kind().read(in)));
    }
    other.gathered = List.copyOf(read);
    List<Meeting> all = read.stream().map(Gathered::meeting).toList();
    other.a.wanted = Meeting.grids(all, Meeting::rows);
    other.b.wanted = Meeting.grids(all, Meeting::columns);
    merge(other);
  }

  private static List<String> texts(DataInputStream in) throws IOException {
    int count = count(in, MOST_PARTS);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(text(in));
    }
    return List.copyOf(texts);
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = in.readNBytes(count(in, MOST_TEXT_BYTES));
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static int count(DataInputStream in, int most) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > most) {
      throw new PalimpsestException(
          "A shard's sums are damaged: they hold the count %d. Gather them again."
              .formatted(count));
    }
    return count;
  }
}
