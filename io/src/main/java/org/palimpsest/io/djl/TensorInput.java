package org.palimpsest.io.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The probes as they are, as one tensor. */
record TensorInput(DataType floating) implements BlockInput {

  @Override
  public NDList prepare(NDManager manager, INDArray batch) {
    return new NDList(Tensors.toDjl(manager, batch, floating));
  }

  @Override
  public int mostAtOnce() {
    return Integer.MAX_VALUE;
  }

  @Override
  public String description() {
    return "probes shown as they are";
  }
}
