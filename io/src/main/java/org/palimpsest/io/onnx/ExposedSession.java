package org.palimpsest.io.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.capture.BatchedRun;
import org.palimpsest.io.capture.RunLimits;

/** A session of ONNX Runtime whose inner values are outputs. */
final class ExposedSession implements AutoCloseable {

  private static final Set<OnnxJavaType> FLOATING =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.DOUBLE, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final TensorInfo inputInfo;
  private final Map<String, String> valuesByLayer;
  private boolean closed;

  private ExposedSession(
      OrtEnvironment environment,
      OrtSession session,
      String inputName,
      TensorInfo inputInfo,
      Map<String, String> valuesByLayer) {
    this.environment = environment;
    this.session = session;
    this.inputName = inputName;
    this.inputInfo = inputInfo;
    this.valuesByLayer = valuesByLayer;
  }

  static ExposedSession open(Path file, byte[] model, OnnxGraph graph) {
    Map<String, String> values = graph.valuesByLayer();
    OrtSession session = null;
    try {
      OrtEnvironment environment = OnnxRuntimeLibraries.environment();
      session = session(environment, graph.withOutputs(model, values.values()));
      String input = session.getInputNames().iterator().next();
      NodeInfo node = Objects.requireNonNull(session.getInputInfo().get(input));
      if (!(node.getInfo() instanceof TensorInfo info)) {
        throw new PalimpsestException(file + ": its input '" + input + "' is not a tensor.");
      }
      return new ExposedSession(
          environment, session, input, info, floating(values, session.getOutputInfo()));
    } catch (OrtException failure) {
      closeQuietly(session);
      throw new PalimpsestException(
          "%s cannot be opened by ONNX Runtime: %s".formatted(file, failure.getMessage()), failure);
    } catch (RuntimeException failure) {
      closeQuietly(session);
      throw failure;
    } catch (LinkageError failure) {
      throw new PalimpsestException(
          "ONNX Runtime has no natives for this platform (%s).".formatted(failure), failure);
    }
  }

  private static OrtSession session(OrtEnvironment environment, byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
      return environment.createSession(model, options);
    }
  }

  private static void closeQuietly(@Nullable OrtSession session) {
    if (session != null) {
      try {
        session.close();
      } catch (OrtException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }

  private static Map<String, String> floating(
      Map<String, String> values, Map<String, NodeInfo> outputs) {
    Map<String, String> kept = new LinkedHashMap<>(values);
    kept.values()
        .removeIf(
            value -> {
              NodeInfo node = outputs.get(value);
              return node == null
                  || !(node.getInfo() instanceof TensorInfo info)
                  || !FLOATING.contains(info.type);
            });
    return kept;
  }

  /** The values of floating types, by layer, in the order in which they are computed. */
  Map<String, String> valuesByLayer() {
    return valuesByLayer;
  }

  /** Batches of the size that is asked for, or that the file insists on. */
  BatchedRun batches(String name, Probes probes, RunLimits limits) {
    long[] shape = inputInfo.getShape();
    if (shape.length == 0 || shape[0] <= 0) {
      return BatchedRun.of(name, limits);
    }
    if (probes.count() % shape[0] != 0) {
      throw new PalimpsestException(
          "'%s' was exported for exactly %d probes at once, and %d cannot be shown so. Export it with a dynamic first axis (dynamic_axes), or give a multiple of %d."
              .formatted(name, shape[0], probes.count(), shape[0]));
    }
    return BatchedRun.ofFixedSize(name, limits, Math.toIntExact(shape[0]));
  }

  /**
   * Runs the network once.
   *
   * @param values the names of the values that are wanted
   * @return the tensors by value; the receiver closes them
   */
  Map<String, OnnxTensor> run(INDArray batch, Set<String> values) {
    Map<String, OnnxTensor> answers = new HashMap<>();
    if (closed) {
      throw new PalimpsestException("The network is closed; open its file again.");
    }
    if (values.isEmpty()) {
      return answers;
    }
    try (OnnxTensor input = OnnxTensors.of(environment, batch, inputInfo.type)) {
      for (Map.Entry<String, OnnxValue> answer : session.run(Map.of(inputName, input), values)) {
        if (answer.getValue() instanceof OnnxTensor tensor) {
          answers.put(answer.getKey(), tensor);
        }
      }
      return answers;
    } catch (OrtException failure) {
      throw new IllegalArgumentException(failure.getMessage(), failure);
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      closeQuietly(session);
    }
  }
}
