package org.palimpsest.io.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import java.util.Objects;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

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
}
