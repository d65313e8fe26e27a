package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.capture.LayerRecorder;

/** Names each block that runs by its path and records what it answers. */
final class BlockRecorder implements BlockListener {

  private record Running(Block block, String path) {}

  private final Block root;
  private final BlockPaths paths;
  private final LayerRecorder recorder;
  private final Deque<Running> running = new ArrayDeque<>();

  BlockRecorder(Block root, BlockPaths paths, LayerRecorder recorder) {
    this.root = root;
    this.paths = paths;
    this.recorder = recorder;
  }

  @Override
  public void entered(Block block) {
    Running caller = running.peek();
    String path =
        block == root && caller == null
            ? ""
            : paths.find(
                block, caller == null ? root : caller.block(), caller == null ? "" : caller.path());
    running.push(new Running(block, path));
  }

  @Override
  public void left(Block block, @Nullable NDList result) {
    Running ended = running.pop();
    if (result != null && !ended.path().isEmpty()) {
      record(ended.path(), result);
    }
  }

  /** Records each tensor of a result; several are {@code path[0]}, {@code path[1]} and so on. */
  void record(String path, NDList result) {
    for (int i = 0; i < result.size(); i++) {
      NDArray value = result.get(i);
      String name = result.size() == 1 ? path : path + "[" + i + "]";
      recorder.record(name, () -> Tensors.toNd4j(name, value));
    }
  }
}
