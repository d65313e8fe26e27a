package org.palimpsest.similarity.streaming;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.similarity.internal.linalg.Dense;
import org.palimpsest.similarity.internal.linalg.StackedProducts;
import org.palimpsest.similarity.internal.linalg.TallProducts.RowSink;

/**
 * One batch of two networks' layers whose values lie features first, each of which meets each: what
 * {@link BatchMoments} adds up, with the deviations made while they are multiplied, so that they
 * are nowhere kept.
 */
final class StackedBatch {

  /** Features in a stack; a wider layer is one by itself. */
  private static final int HEIGHT = 512;

  private static final int MORE_FEATURES = 2;

  /**
   * A layer's values and where they are counted from; beside the deviations u come their squared
   * norms a = |u|² and a one, as in {@link ShiftedBatch}.
   *
   * @param reader of p features of n samples each
   * @param place among the layers of its network
   * @param first its first feature in its stack
   * @param norms receive the sums of a and of a²
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared by value
  private record Layer(
      TensorReader reader, long samples, Origin origin, int place, int first, double[] norms) {

    int width() {
      return origin.mean().length;
    }

    int end() {
      return first + width() + MORE_FEATURES;
    }

    void fill(int from, int to, double[] values) {
      int count = to - from;
      int at = first * count;
      double[] squares = new double[count];
      float[] floats = new float[count];
      double[] doubles = new double[count];
      for (int feature = 0; feature < width(); feature++, at += count) {
        double mean = origin.mean()[feature];
        double inverse = 1 / origin.scale();
        if (reader.type() == DataType.FLOAT) {
          reader.read(feature * samples + from, floats);
          shift(floats, mean, inverse, squares, values, at);
        } else {
          reader.read(feature * samples + from, doubles);
          shift(doubles, mean, inverse, squares, values, at);
        }
      }
      System.arraycopy(squares, 0, values, at, count);
      Arrays.fill(values, at + count, at + 2 * count, 1);
    }

    private static void shift(
        float[] from, double mean, double inverse, double[] squares, double[] into, int at) {
      for (int i = 0; i < from.length; i++) {
        double value = (from[i] - mean) * inverse;
        into[at + i] = value;
        squares[i] += value * value;
      }
    }

    private static void shift(
        double[] from, double mean, double inverse, double[] squares, double[] into, int at) {
      for (int i = 0; i < from.length; i++) {
        double value = (from[i] - mean) * inverse;
        into[at + i] = value;
        squares[i] += value * value;
      }
    }

    RowSink gram(SideMoments known) {
      int p = width();
      RowSink sums = MomentSinks.of(known);
      return (i, row, at) -> {
        sums.add(i, row, at);
        if (i == p) {
          norms[1] += row[at + p];
          norms[0] += row[at + p + 1];
        }
      };
    }

    SideMoments counted(SideMoments sums) {
      return sums.counting(samples, norms[0], norms[1]);
    }
  }

  /** By stacks, those of a network in their order. */
  private final List<List<Layer>> a;

  private final List<List<Layer>> b;
  private final Dense productsOfSquares;

  private StackedBatch(List<List<Layer>> a, List<List<Layer>> b) {
    this.a = a;
    this.b = b;
    this.productsOfSquares = Dense.zeros(count(a), count(b));
  }

  private static int count(List<List<Layer>> stacks) {
    return stacks.stream().mapToInt(List::size).sum();
  }

  /** Whether it takes one side of such a batch. */
  static boolean takes(List<INDArray> matrices) {
    return matrices.stream().allMatch(StackedBatch::liesFeaturesFirst);
  }

  static boolean liesFeaturesFirst(INDArray matrix) {
    boolean sampleAfterSample = matrix.rows() == 1 || matrix.stride(0) == 1;
    boolean featureAfterFeature = matrix.columns() == 1 || matrix.stride(1) == matrix.rows();
    return matrix.offset() == 0
        && sampleAfterSample
        && featureAfterFeature
        && TensorReader.readableType(matrix.dataType()) == matrix.dataType();
  }

  /** The same memory with a row for each feature; of single columns ND4J's transpose is unsure. */
  private static INDArray features(INDArray matrix) {
    long[] shape = {matrix.columns(), matrix.rows()};
    return Nd4j.create(matrix.data(), shape, Nd4j.getStrides(shape, 'c'), 0, 'c');
  }

  /**
   * @param a n × p each
   * @param b n × q each
   */
  static StackedBatch of(
      List<INDArray> a, List<Origin> originsOfA, List<INDArray> b, List<Origin> originsOfB) {
    return new StackedBatch(stacks(a, originsOfA), stacks(b, originsOfB));
  }

  private static List<List<Layer>> stacks(List<INDArray> matrices, List<Origin> origins) {
    List<List<Layer>> stacks = new ArrayList<>();
    int first = 0;
    for (int place = 0; place < matrices.size(); place++) {
      INDArray features = features(matrices.get(place));
      if (stacks.isEmpty() || first + features.rows() + MORE_FEATURES > HEIGHT) {
        stacks.add(new ArrayList<>());
        first = 0;
      }
      TensorReader reader = TensorReader.of(features);
      Layer layer =
          new Layer(reader, features.columns(), origins.get(place), place, first, new double[2]);
      stacks.get(stacks.size() - 1).add(layer);
      first = layer.end();
    }
    return stacks;
  }

  /** Overwrites the known sums; of products of a layer with itself, the upper triangle alone. */
  BatchMoments.Sums addTo(BatchMoments.Sums known) {
    for (int i = 0; i < a.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        List<Layer> ofA = a.get(i);
        List<Layer> ofB = b.get(j);
        StackedProducts.of(
            Math.toIntExact(ofA.get(0).samples()),
            stack(ofA, j == 0 ? known.ofA() : List.of()),
            stack(ofB, i == 0 ? known.ofB() : List.of()),
            (row, column) -> cross(ofA.get(row), ofB.get(column), known));
      }
    }
    return new BatchMoments.Sums(counted(a, known.ofA()), counted(b, known.ofB()), crosses(known));
  }

  /**
   * @param known none if the layers' products with themselves are not wanted
   */
  private static StackedProducts.Stack stack(List<Layer> layers, List<SideMoments> known) {
    List<StackedProducts.Layer> stacked =
        layers.stream()
            .map(
                layer ->
                    new StackedProducts.Layer(
                        layer.first(),
                        layer.end() - layer.first(),
                        known.isEmpty()
                            ? Optional.empty()
                            : Optional.of(layer.gram(known.get(layer.place())))))
            .toList();
    return new StackedProducts.Stack(
        stacked, (from, to, values) -> layers.forEach(layer -> layer.fill(from, to, values)));
  }

  private RowSink cross(Layer ofA, Layer ofB, BatchMoments.Sums all) {
    int p = ofA.width();
    int q = ofB.width();
    RowSink sums = MomentSinks.of(all.crosses().get(ofA.place()).get(ofB.place()));
    double[] ofSquares = productsOfSquares.values();
    int place = ofA.place() * productsOfSquares.columns() + ofB.place();
    return (i, row, at) -> {
      sums.add(i, row, at);
      if (i == p) {
        ofSquares[place] += row[at + q];
      }
    };
  }

  private List<List<CrossMoments>> crosses(BatchMoments.Sums known) {
    return IntStream.range(0, productsOfSquares.rows())
        .mapToObj(
            i ->
                IntStream.range(0, productsOfSquares.columns())
                    .mapToObj(
                        j -> known.crosses().get(i).get(j).withSquares(productsOfSquares.get(i, j)))
                    .toList())
        .toList();
  }

  private static List<SideMoments> counted(List<List<Layer>> stacks, List<SideMoments> sums) {
    return stacks.stream()
        .flatMap(List::stream)
        .map(layer -> layer.counted(sums.get(layer.place())))
        .toList();
  }

  /**
   * Where products of batches go whose features are (u, a, 1): deviations, their squared norm, and
   * one.
   */
  static final class MomentSinks {

    private MomentSinks() {}

    /** Adds a layer's product with itself, of which the upper triangle is looked at. */
    static RowSink of(SideMoments known) {
      int p = known.width();
      double[] gram = known.gram().values();
      return (i, row, at) -> {
        if (i < p) {
          known.squaresTimes()[i] += row[at + p];
          known.sum()[i] += row[at + p + 1];
          add(row, at + i, gram, i * p + i, p - i);
        }
      };
    }

    /** Adds the product of two layers. */
    static RowSink of(CrossMoments known) {
      int p = known.squaresOfB().length;
      int q = known.squaresOfA().length;
      double[] products = known.products().values();
      return (i, row, at) -> {
        if (i < p) {
          known.squaresOfB()[i] += row[at + q];
          add(row, at, products, i * q, q);
        } else if (i == p) {
          add(row, at, known.squaresOfA(), 0, q);
        }
      };
    }

    /** Adds a stretch of values to a stretch of sums. */
    static void add(double[] values, int from, double[] sums, int to, int count) {
      for (int j = 0; j < count; j++) {
        sums[to + j] += values[from + j];
      }
    }
  }
}
