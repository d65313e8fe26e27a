package org.palimpsest.io.djl;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.capture.LayerRecorder;
import org.palimpsest.io.internal.capture.RecordedPass;
import org.palimpsest.io.internal.djl.BlockCalls;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/**
 * A live network of DJL: any tree of blocks, or a model.
 *
 * <p>Every block that runs is a layer, also those inside custom blocks, in the order in which they
 * finish. Its path is made of the names under which the blocks know their children, joined by dots,
 * such as {@code 01SequentialBlock.02BatchNorm}; a block that runs a second time in one pass is
 * {@code relu#2}, a block that nobody registered as a child goes by its class, and of several
 * results each is a layer, {@code path[0]}, {@code path[1]}. The result of the whole network is
 * {@code output}. A TorchScript model is one block: to see inside it, open its file instead.
 *
 * <p>The network runs in evaluation mode and is neither changed nor closed. Probes of floating
 * types become the type of the network's parameters; integers stay what they are.
 *
 * <p>Cost: one forward pass, a copy of the parameters per batch (results of operations on
 * parameters would otherwise live as long as the network), and a copy of each selected layer.
 */
public final class DjlBlockNetwork implements ReducingSource {

  private static final String OUTPUT = "output";

  private final String name;
  private final Block block;
  private final BlockInput input;
  private final RunLimits limits;

  private DjlBlockNetwork(String name, Block block, BlockInput input, RunLimits limits) {
    this.name = name;
    this.block = block;
    this.input = input;
    this.limits = limits;
  }

  /**
   * A block that takes one tensor.
   *
   * @param name what to call the network
   * @param block initialised
   * @throws PalimpsestException if it is not initialised, or DJL's blocks cannot be watched in this
   *     JVM, saying what to do
   */
  public static DjlBlockNetwork of(String name, Block block) {
    return of(name, block, new BlockInput.TensorInput(floatingTypeOf(block)));
  }

  /** A model whose network takes one tensor. */
  public static DjlBlockNetwork of(Model model) {
    return of(model.getName(), model.getBlock());
  }

  /**
   * A model whose translator prepares each probe, as it does for prediction.
   *
   * @param model the model
   * @param translator its pre-processing; its post-processing is not used
   * @param toInput makes of one probe, without the sample axis, what the translator takes, such as
   *     {@code NDList::new} or {@code ImageFactory.getInstance()::fromNDArray}
   */
  public static <I> DjlBlockNetwork of(
      Model model, Translator<I, ?> translator, Function<NDArray, I> toInput) {
    return of(
        model.getName(),
        model.getBlock(),
        new BlockInput.TranslatedInput<>(model, translator, toInput));
  }

  /** A model of a model zoo whose own translator prepares each probe. */
  public static <I> DjlBlockNetwork of(ZooModel<I, ?> model, Function<NDArray, I> toInput) {
    return of(model, model.getTranslator(), toInput);
  }

  private static DjlBlockNetwork of(String name, Block block, BlockInput input) {
    if (!block.isInitialized()) {
      throw new PalimpsestException(
          "The network '%s' has parameters that are not initialised: initialise it or load its parameters first."
              .formatted(name));
    }
    BlockCalls.BlockWatch.install();
    return new DjlBlockNetwork(name, block, input, RunLimits.withDefaults());
  }

  /** The same network, shown so many probes at once; 16 if not set. */
  public DjlBlockNetwork withBatchSize(int probes) {
    return with(limits.withBatchSize(probes));
  }

  /** The same network, run within these limits. */
  public DjlBlockNetwork with(RunLimits some) {
    return new DjlBlockNetwork(name, block, input, some);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return new Provenance(name, "", List.of("ran in evaluation mode", input.description()));
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    try (NDManager manager = managerFor(block)) {
      batches().run(pass(layers, manager).activations(), probes, progress, receiver);
    }
  }

  @Override
  public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
    try (NDManager manager = managerFor(block)) {
      return pass(layers, manager).shapes(batches(), probes);
    }
  }

  @Override
  public void run(
      Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    try (NDManager manager = managerFor(block)) {
      RecordedPass pass = pass(request.layers(), manager);
      batches().run(pass.matrices(request), probes, progress, receiver);
    }
  }

  private BatchedRun batches() {
    int most = Math.min(limits.batchSize(), input.mostAtOnce());
    return BatchedRun.of(name, limits.withBatchSize(most));
  }

  private RecordedPass pass(LayerSelector layers, NDManager manager) {
    BlockPaths paths = new BlockPaths(block);
    return new RecordedPass(
        name, layers, (batch, recorder) -> forward(manager, paths, batch, recorder));
  }

  private void forward(
      NDManager manager, BlockPaths paths, INDArray batch, LayerRecorder recorder) {
    BlockRecorder blocks = new BlockRecorder(block, paths, recorder);
    try (NDManager batchManager = manager.newSubManager()) {
      NDList prepared = input.prepare(batchManager, batch);
      ParameterStore parameters = new ParameterStore(batchManager, true);
      BlockCalls.during(
          blocks,
          () -> {
            NDList result = block.forward(parameters, prepared, false, null);
            blocks.record(OUTPUT, Objects.requireNonNull(result, "the block gave no result"));
          });
    }
  }

  /** Does nothing: the network belongs to its maker. */
  @Override
  public void close() {}

  /** Names each block that runs by its path and records what it answers. */
  private static final class BlockRecorder implements BlockCalls.BlockListener {

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
                  block,
                  caller == null ? root : caller.block(),
                  caller == null ? "" : caller.path());
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

  /** The type of the first parameter of a floating type, else float32. */
  private static DataType floatingTypeOf(Block block) {
    return firstArray(block).map(NDArray::getDataType).orElse(DataType.FLOAT32);
  }

  /** A new manager of the engine and device that hold the parameters. */
  private static NDManager managerFor(Block block) {
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

  /** Makes what a block takes of a batch of probes. */
  private interface BlockInput {

    NDList prepare(NDManager manager, INDArray batch);

    /** How many probes can be shown at once. */
    int mostAtOnce();

    /** What is done to the probes, for people. */
    String description();

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

    /** The probes after a translator's pre-processing, one by one, joined by its batchifier. */
    record TranslatedInput<I>(
        Model model, Translator<I, ?> translator, Function<NDArray, I> toInput)
        implements BlockInput {

      @Override
      public NDList prepare(NDManager manager, INDArray batch) {
        NDList[] samples = new NDList[(int) batch.size(0)];
        NDArray probes = Tensors.toDjl(manager, batch, DataType.FLOAT32);
        try {
          TranslationContext context = new TranslationContext(model, manager);
          translator.prepare(context);
          for (int i = 0; i < samples.length; i++) {
            samples[i] = translator.processInput(context, toInput.apply(probes.get(i)));
          }
        } catch (Exception failure) {
          throw new PalimpsestException(
              "The translator of '%s' cannot prepare a probe of the shape %s: %s"
                  .formatted(model.getName(), probes.getShape().slice(1), failure.getMessage()),
              failure);
        }
        Batchifier batchifier = translator.getBatchifier();
        return batchifier == null ? samples[0] : batchifier.batchify(samples);
      }

      @Override
      public int mostAtOnce() {
        return translator.getBatchifier() == null ? 1 : Integer.MAX_VALUE;
      }

      @Override
      public String description() {
        Class<?> type = Objects.requireNonNull(translator).getClass();
        return "probes prepared by the translator " + type.getName();
      }

      /** What a translator may ask for while it prepares the probes of one batch. */
      private static final class TranslationContext implements TranslatorContext {

        private final Model model;
        private final NDManager manager;
        private final Map<String, Object> attachments = new HashMap<>();

        TranslationContext(Model model, NDManager manager) {
          this.model = model;
          this.manager = manager;
        }

        @Override
        public Model getModel() {
          return model;
        }

        @Override
        public NDManager getNDManager() {
          return manager;
        }

        @Override
        public NDManager getPredictorManager() {
          return manager;
        }

        @Override
        public Block getBlock() {
          return model.getBlock();
        }

        @Override
        public @Nullable Metrics getMetrics() {
          return null;
        }

        @Override
        public @Nullable Object getAttachment(String key) {
          return attachments.get(key);
        }

        @Override
        public void setAttachment(String key, Object value) {
          attachments.put(key, value);
        }

        /** Does nothing: the manager belongs to the batch. */
        @Override
        public void close() {}
      }
    }
  }
}
