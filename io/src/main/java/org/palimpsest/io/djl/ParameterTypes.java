package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.Optional;

/** In which type, on which device and with which engine a network computes. */
final class ParameterTypes {

  private ParameterTypes() {}

  /** The type of the first parameter of a floating type, else float32. */
  static DataType floatingTypeOf(Block block) {
    return firstArray(block).map(NDArray::getDataType).orElse(DataType.FLOAT32);
  }

  /** A new manager of the engine and device that hold the parameters. */
  static NDManager managerFor(Block block) {
    return firstArray(block)
        .map(
            array ->
                NDManager.newBaseManager(
                    array.getDevice(), array.getManager().getEngine().getEngineName()))
        .orElseGet(NDManager::newBaseManager);
  }

  private static Optional<NDArray> firstArray(Block block) {
    return block.getParameters().values().stream()
        .filter(Parameter::isInitialized)
        .map(Parameter::getArray)
        .filter(array -> array.getDataType().isFloating())
        .findFirst();
  }
}
