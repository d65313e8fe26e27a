package org.palimpsest.io.djl;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import org.jspecify.annotations.Nullable;

/** Hears of blocks that run. */
interface BlockListener {

  void entered(Block block);

  void left(Block block, @Nullable NDList result);
}
