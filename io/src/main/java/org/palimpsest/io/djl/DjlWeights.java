package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.nn.convolutional.Convolution;
import ai.djl.nn.convolutional.Deconvolution;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.util.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.core.weights.Weights.LoadReport;
import org.palimpsest.core.weights.Weights.WeightTensor;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.weights.WeightFiller;
import org.palimpsest.io.internal.weights.WeightSlot;

/**
 * The parameters of a tree of DJL blocks.
 *
 * <p>Each is named by the path of its block, as in {@link DjlBlockNetwork}, and its own name there:
 * {@code 01SequentialBlock.02BatchNorm.runningMean}. A parameter that two blocks share has the
 * first one's name.
 */
public final class DjlWeights {

  private record NamedParameter(String name, Parameter parameter, LayerKind kind)
      implements WeightSlot {

    @Override
    public long[] shape() {
      return parameter.getArray().getShape().getShape();
    }

    @Override
    public void fill(INDArray values) {
      NDArray array = parameter.getArray();
      try (NDManager manager = array.getManager().newSubManager()) {
        NDArray typed = Tensors.toDjl(manager, values, array.getDataType());
        array.set(typed.toByteBuffer());
      }
    }

    WeightTensor tensor() {
      NDArray array = parameter.getArray();
      String dtype = array.getDataType().name().toLowerCase(Locale.ROOT);
      return new WeightTensor(name, Tensors.toNd4j(name, array), dtype, kind);
    }
  }

  private DjlWeights() {}

  /**
   * Copies a network's parameters.
   *
   * @param name what to call the network
   * @throws PalimpsestException if it has none, or they are not initialised
   */
  public static Weights of(String name, Block block) {
    List<WeightTensor> tensors = parameters(block).stream().map(NamedParameter::tensor).toList();
    return Weights.of(Provenance.inMemory(name), name, tensors);
  }

  /**
   * Loads weights into a network by name.
   *
   * <p>Names may differ in the number that DJL puts before each child and in what the tools call
   * the parameters of normalisation, so that the state dict of a PyTorch network fits a block whose
   * children bear the same names.
   *
   * @return what matched and what did not; what did not keeps its values
   * @throws PalimpsestException if the network's parameters are not initialised
   */
  public static LoadReport load(Weights weights, Block block) {
    return load(weights, block, UnaryOperator.identity());
  }

  /**
   * Loads weights into a network by name.
   *
   * @param rename makes of a tensor's name in the weights its name in the network
   */
  public static LoadReport load(Weights weights, Block block, UnaryOperator<String> rename) {
    return WeightFiller.fill(weights, parameters(block), rename);
  }

  private static List<NamedParameter> parameters(Block root) {
    if (!root.isInitialized()) {
      throw new PalimpsestException(
          "The network has parameters that are not initialised: call initialize with the shape of its input first.");
    }
    Map<Parameter, NamedParameter> found = new LinkedHashMap<>();
    collect("", root, found);
    BlockPaths.below(root).forEach((path, block) -> collect(path, block, found));
    return new ArrayList<>(found.values());
  }

  private static void collect(String path, Block block, Map<Parameter, NamedParameter> found) {
    LayerKind kind = kindOf(block);
    for (Pair<String, Parameter> pair : block.getDirectParameters()) {
      String name = BlockPaths.join(path, pair.getKey());
      found.putIfAbsent(pair.getValue(), new NamedParameter(name, pair.getValue(), kind));
    }
  }

  private static LayerKind kindOf(Block block) {
    if (block instanceof Convolution) {
      return LayerKind.CONVOLUTION;
    }
    if (block instanceof Deconvolution) {
      return LayerKind.TRANSPOSED_CONVOLUTION;
    }
    if (block instanceof Linear) {
      return LayerKind.LINEAR;
    }
    if (block instanceof BatchNorm || block instanceof LayerNorm) {
      return LayerKind.NORMALISATION;
    }
    return block instanceof SymbolBlock ? LayerKind.UNKNOWN : LayerKind.OTHER;
  }
}
