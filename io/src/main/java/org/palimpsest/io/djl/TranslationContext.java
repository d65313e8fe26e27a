package org.palimpsest.io.djl;

import ai.djl.Model;
import ai.djl.metric.Metrics;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.translate.TranslatorContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a translator may ask for while it prepares the probes of one batch. */
final class TranslationContext implements TranslatorContext {

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
