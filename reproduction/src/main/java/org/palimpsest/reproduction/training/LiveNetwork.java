package org.palimpsest.reproduction.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import ai.djl.util.Pair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.palimpsest.reproduction.images.LabelledImage;

/**
 * A network in PyTorch, ready to be trained by one thread.
 *
 * <p>It does not use DJL's gradient collector, of which there can be only one in a process: several
 * networks may be trained at once, each by its own thread.
 */
final class LiveNetwork implements AutoCloseable {

  private static final int AT_ONCE = 16;

  private final UNet architecture;
  private final NDManager manager;
  private final PtSymbolBlock block;
  private final Map<String, NDArray> trained = new LinkedHashMap<>();
  private final Optimizer optimizer;

  private LiveNetwork(UNet architecture, NDManager manager, PtSymbolBlock block, Tracker rate) {
    this.architecture = architecture;
    this.manager = manager;
    this.block = block;
    this.optimizer = Optimizer.adam().optLearningRateTracker(rate).build();
  }

  /**
   * @param archive a network of this architecture
   * @param rate the learning rate of Adam by step
   * @param frozen the paths of parameters that keep their values
   */
  static LiveNetwork open(
      UNet architecture, byte[] archive, Tracker rate, Predicate<String> frozen) {
    prepareThread();
    NDManager manager = NDManager.newBaseManager(null, "PyTorch");
    PtSymbolBlock block = load(archive, (PtNDManager) manager);
    LiveNetwork network = new LiveNetwork(architecture, manager, block, rate);
    for (Pair<String, Parameter> parameter : block.getDirectParameters()) {
      NDArray values = parameter.getValue().getArray();
      values.setRequiresGradient(!frozen.test(parameter.getKey()));
      if (!frozen.test(parameter.getKey())) {
        network.trained.put(parameter.getKey(), values);
      }
    }
    return network;
  }

  /**
   * Small convolutions gain nothing from a second thread, and one thread always adds in the same
   * order. The graph executor's optimiser would spend longer on its warm-up than it saves. DJL
   * switches gradients off in every thread.
   */
  private static void prepareThread() {
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(1);
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(true);
  }

  private static PtSymbolBlock load(byte[] archive, PtNDManager manager) {
    try {
      return JniUtils.loadModule(manager, new ByteArrayInputStream(archive), false, false);
    } catch (IOException impossible) {
      throw new UncheckedIOException("memory does not fail to be read", impossible);
    }
  }

  /** Makes one step of the optimiser and gives the loss before it. */
  float step(List<LabelledImage> images) {
    try (NDManager scope = manager.newSubManager()) {
      Batch batch = Batch.of(images, scope);
      JniUtils.enableTrainingMode(block);
      NDArray logits = run(batch.images(), scope, true);
      NDArray loss = SegmentationLoss.of(logits, batch.masks());
      JniUtils.backward((PtNDArray) loss, (PtNDArray) scope.ones(loss.getShape()), false, false);
      trained.forEach(this::update);
      return loss.getFloat();
    }
  }

  private void update(String path, NDArray parameter) {
    try (NDArray gradient = parameter.getGradient()) {
      optimizer.update(path, parameter, gradient);
    }
    JniUtils.zeroGrad((PtNDArray) parameter);
  }

  /** The mean over images of the Dice coefficient between mask and prediction. */
  double dice(List<LabelledImage> images) {
    JniUtils.enableInferenceMode(block);
    double sum = 0;
    for (int from = 0; from < images.size(); from += AT_ONCE) {
      List<LabelledImage> some = images.subList(from, Math.min(images.size(), from + AT_ONCE));
      try (NDManager scope = manager.newSubManager()) {
        Batch batch = Batch.of(some, scope);
        sum += DiceCoefficient.sum(run(batch.images(), scope, false), batch.masks(), some.size());
      }
    }
    return sum / images.size();
  }

  /** The loss on images, of the network as it would be saved; the mean over groups of them. */
  double loss(List<LabelledImage> images) {
    JniUtils.enableInferenceMode(block);
    double sum = 0;
    for (int from = 0; from < images.size(); from += AT_ONCE) {
      List<LabelledImage> some = images.subList(from, Math.min(images.size(), from + AT_ONCE));
      try (NDManager scope = manager.newSubManager()) {
        Batch batch = Batch.of(some, scope);
        sum +=
            some.size()
                * SegmentationLoss.of(run(batch.images(), scope, false), batch.masks()).getFloat();
      }
    }
    return sum / images.size();
  }

  private NDArray run(NDArray images, NDManager scope, boolean training) {
    return block
        .forward(new ParameterStore(scope, false), new NDList(images), training)
        .singletonOrThrow();
  }

  /** Copies all that the network holds now. */
  NetworkState state() {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    try (NDManager scope = manager.newSubManager();
        IValue values = IValueUtils.runMethod(block, "state")) {
      NDList list = values.toNDList((PtNDManager) scope);
      List<String> paths = architecture.paths();
      for (int i = 0; i < paths.size(); i++) {
        tensors.put(paths.get(i), list.get(i).toFloatArray());
      }
    }
    return new NetworkState(tensors);
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
