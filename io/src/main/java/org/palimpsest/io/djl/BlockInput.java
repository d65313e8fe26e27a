package org.palimpsest.io.djl;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/** Makes what a block takes of a batch of probes. */
interface BlockInput {

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
  record TranslatedInput<I>(Model model, Translator<I, ?> translator, Function<NDArray, I> toInput)
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
