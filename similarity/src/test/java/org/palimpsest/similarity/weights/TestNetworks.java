package org.palimpsest.similarity.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;

/** Small networks made of numbers. */
public final class TestNetworks {

  private TestNetworks() {}

  public static INDArray array(double[] values, long... shape) {
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  /** Each value is its own index: digits of the axes, the first axis highest. */
  public static INDArray numbered(long... shape) {
    int length = 1;
    for (long extent : shape) {
      length *= (int) extent;
    }
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      int rest = i;
      double digit = 1;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        values[i] += digit * (rest % shape[axis]);
        rest /= (int) shape[axis];
        digit *= 10;
      }
    }
    return array(values, shape);
  }

  public static WeightTensor tensor(String name, LayerKind kind, INDArray values) {
    return new WeightTensor(name, values, "float64", kind);
  }

  public static WeightTensor unknown(String name, long... shape) {
    return tensor(name, LayerKind.UNKNOWN, numbered(shape));
  }

  public static Weights network(String name, List<WeightTensor> tensors) {
    return Weights.of(Provenance.inMemory(name), name, tensors);
  }

  public static Weights network(String name, WeightTensor... tensors) {
    return network(name, List.of(tensors));
  }

  /** So many convolutions of one shape, named {@code layer0}, {@code layer1}, …. */
  public static Weights convolutions(long seed, int layers, Draw draw, long... shape) {
    int count = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
    SplittableRandom seeds = new SplittableRandom(seed);
    List<double[]> drawn = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      SplittableRandom random = seeds.split();
      drawn.add(DoubleStream.generate(() -> draw.value(random)).limit(count).toArray());
    }
    return convolutions(drawn, shape);
  }

  /** Convolutions of these weights, in C order. */
  public static Weights convolutions(List<double[]> layers, long... shape) {
    List<WeightTensor> tensors = new ArrayList<>();
    for (double[] values : layers) {
      tensors.add(
          tensor(
              "layer" + tensors.size() + ".weight", LayerKind.CONVOLUTION, array(values, shape)));
    }
    return network("drawn", tensors);
  }

  /** Makes the next weight. */
  @FunctionalInterface
  public interface Draw {
    double value(SplittableRandom random);
  }
}
