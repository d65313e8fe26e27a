package org.palimpsest.io.dl4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.io.internal.capture.Company;

/**
 * Which rows of what each layer answers are which probe's. Vertices and preprocessors of DL4J make
 * several rows of a probe, in one of two orders, or put parts of several probes into one row, and
 * do not tell. So the network is shown the same probes with other neighbours: a row of a probe
 * stays as it was.
 */
final class ProbeRows {

  /** How rows lie when there are several for each probe. */
  enum Order {
    /** The first row of each probe, then the second of each: so DL4J lays steps of time. */
    STEP_BY_STEP,
    /** All rows of the first probe, then those of the second. */
    PROBE_BY_PROBE,
    /** Both may be: no row changed with its probe. */
    UNTOLD,
    /** There are rows that follow several probes. */
    MIXED
  }

  /** Of one row: its length, and a sum with a weight for each place. */
  private record Sketch(double norm, double sum) {

    boolean isSame(Sketch other) {
      double allowed = SAME * Math.max(norm, other.norm);
      return Math.abs(norm - other.norm) <= allowed && Math.abs(sum - other.sum) <= allowed;
    }
  }

  /** More than rounding makes of a difference. */
  private static final double SAME = 1e-4;

  private static final int FEW = 2;
  private static final int BLOCK = 1 << 14;
  private static final double NOT_FINITE = 12_345;

  private final List<Order> orders;

  private ProbeRows(List<Order> orders) {
    this.orders = orders;
  }

  /** Of a single probe, which has no neighbours. */
  static ProbeRows alone() {
    return new ProbeRows(List.of());
  }

  /**
   * Finds out.
   *
   * @param input at least two probes
   */
  static ProbeRows of(Walk walk, OrderedTensor input, OutputBound bound) {
    INDArray batch = input.values();
    int count = walk.fixesRows() ? (int) batch.size(0) : FEW;
    INDArray first = row(batch, 0);
    INDArray[] probes = new INDArray[count];
    for (int i = 0; i < count; i++) {
      probes[i] = row(batch, i);
    }
    probes[count - 1] = Company.ofFirst(batch);
    List<List<Sketch>> plain = sketches(walk, input, probes, bound);
    INDArray[] others = probes.clone();
    others[0] = probes[count - 1];
    Arrays.fill(probes, first);
    List<List<Sketch>> alike = sketches(walk, input, probes, bound);
    List<List<Sketch>> changed = sketches(walk, input, others, bound);
    List<Order> orders = new ArrayList<>();
    for (int layer = 0; layer < plain.size(); layer++) {
      orders.add(order(count, plain.get(layer), alike.get(layer), changed.get(layer)));
    }
    return new ProbeRows(orders);
  }

  private static INDArray row(INDArray batch, long index) {
    return batch.get(NDArrayIndex.interval(index, index + 1));
  }

  private static List<List<Sketch>> sketches(
      Walk walk, OrderedTensor like, INDArray[] probes, OutputBound bound) {
    List<List<Sketch>> layers = new ArrayList<>();
    OrderedTensor input = new OrderedTensor(Nd4j.concat(0, probes), like.order());
    walk.forward(input, (layer, answer) -> layers.add(sketches(answer.values())), bound);
    return layers;
  }

  private static List<Sketch> sketches(INDArray values) {
    INDArray readable = values.castTo(TensorReader.readableType(values.dataType())).dup('c');
    long rows = values.rank() == 0 ? 1 : values.size(0);
    long width = values.length() / rows;
    TensorReader reader = TensorReader.of(readable);
    double[] block = new double[(int) Math.min(BLOCK, width)];
    List<Sketch> sketches = new ArrayList<>();
    for (long row = 0; row < rows; row++) {
      double squares = 0;
      double sum = 0;
      for (long at = 0; at < width; at += block.length) {
        int some = (int) Math.min(block.length, width - at);
        reader.read(row * width + at, block, some);
        for (int i = 0; i < some; i++) {
          double value = Double.isFinite(block[i]) ? block[i] : NOT_FINITE;
          squares += value * value;
          sum += value * Math.sin(1.0 + at + i);
        }
      }
      sketches.add(new Sketch(Math.sqrt(squares), sum));
    }
    return sketches;
  }

  private static Order order(
      int probes, List<Sketch> plain, List<Sketch> alike, List<Sketch> changed) {
    int rows = plain.size();
    if (rows % probes != 0 || alike.size() != rows || changed.size() != rows) {
      return Order.MIXED;
    }
    boolean steps = fits(row -> row % probes, plain, alike, changed);
    boolean blocks = fits(row -> row / (rows / probes), plain, alike, changed);
    if (steps && blocks) {
      return rows == probes ? Order.STEP_BY_STEP : Order.UNTOLD;
    }
    return steps ? Order.STEP_BY_STEP : blocks ? Order.PROBE_BY_PROBE : Order.MIXED;
  }

  /** Whether rows of the first probe stay when the others change, and the others when it does. */
  private static boolean fits(
      IntUnaryOperator probeOf, List<Sketch> plain, List<Sketch> alike, List<Sketch> changed) {
    boolean fits = true;
    for (int row = 0; row < plain.size(); row++) {
      List<Sketch> same = probeOf.applyAsInt(row) == 0 ? alike : changed;
      fits &= plain.get(row).isSame(same.get(row));
    }
    return fits;
  }

  /**
   * A copy of what a layer answered, with the rows of each probe together.
   *
   * @param place the number of the layer in the order in which they run
   * @throws PalimpsestException if they cannot be told apart
   */
  INDArray captured(int place, String layer, OrderedTensor answer, long probes, boolean reshapes) {
    Order order = place < orders.size() ? orders.get(place) : Order.UNTOLD;
    boolean several = answer.values().rank() > 0 && answer.values().size(0) != probes;
    if (order == Order.MIXED) {
      throw new PalimpsestException(
          "Layer '%s' answers %s rows to %s probes that do not follow one probe each: a vertex before it mixes the probes of a batch, or there is noise. Leave it out, or show the network one probe at a time."
              .formatted(layer, answer.values().size(0), probes));
    }
    if (order == Order.UNTOLD && several && reshapes && probes > 1) {
      throw new PalimpsestException(
          "Layer '%s' answers %s rows to %s probes, and none of them changes with its probe, so that it cannot be told whose they are. Leave it out, or show the network other probes."
              .formatted(layer, answer.values().size(0), probes));
    }
    return answer.captured(probes, order);
  }
}
