package org.palimpsest.io.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Makes what a block takes of a batch of probes. */
interface BlockInput {

  NDList prepare(NDManager manager, INDArray batch);

  /** How many probes can be shown at once. */
  int mostAtOnce();

  /** What is done to the probes, for people. */
  String description();
}
