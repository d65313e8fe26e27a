package org.palimpsest.io.internal.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.io.internal.capture.BatchedRun;
import org.palimpsest.io.internal.onnx.OnnxGraph;
import org.palimpsest.io.internal.onnx.OnnxModel;
import org.palimpsest.io.internal.onnx.OnnxNode;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

/** A session of ONNX Runtime whose inner values are outputs. */
final class ExposedSession implements AutoCloseable {

  private static final Set<OnnxJavaType> FLOATING =
      Set.of(OnnxJavaType.FLOAT, OnnxJavaType.DOUBLE, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  private final String source;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final TensorInfo inputInfo;
  private final Map<String, String> valuesByLayer;
  private boolean closed;

  private ExposedSession(
      String source,
      OrtEnvironment environment,
      OrtSession session,
      String inputName,
      TensorInfo inputInfo,
      Map<String, String> valuesByLayer) {
    this.source = source;
    this.environment = environment;
    this.session = session;
    this.inputName = inputName;
    this.inputInfo = inputInfo;
    this.valuesByLayer = valuesByLayer;
  }

  private static final Pattern NEWER =
      Pattern.compile("Unsupported model IR version: (\\d+), max supported IR version: (\\d+)");

  private static final Pattern FOREIGN =
      Pattern.compile(
          "(?:No Op registered for |)(\\S+?)(?: with domain_version|\\(-?\\d+\\) is not a registered)");

  private static final Pattern PLACE =
      Pattern.compile(
          "^Error code - \\w+ - message: |\\[with [^\\]]*+\\] |/\\S*onnxruntime_src/\\S+:\\d+ [^()]*\\([^()]*\\) ");

  private static final String PADDING = "Pad should be smaller than kernel";

  static ExposedSession open(OnnxModel model) {
    Path file = model.file();
    Map<String, String> values = model.graph().valuesAndResultsByLayer();
    OrtSession session = null;
    try {
      OrtEnvironment environment = OnnxRuntimeLibraries.environment();
      session = session(environment, model.graph().withOutputs(model.bytes(), values.values()));
      String input = session.getInputNames().iterator().next();
      NodeInfo node = Objects.requireNonNull(session.getInputInfo().get(input));
      if (!(node.getInfo() instanceof TensorInfo info)) {
        throw new PalimpsestException(file + ": its input '" + input + "' is not a tensor.");
      }
      return new ExposedSession(
          file.toString(),
          environment,
          session,
          input,
          info,
          floating(values, session.getOutputInfo()));
    } catch (OrtException failure) {
      closeQuietly(session);
      throw new PalimpsestException(
          "%s cannot be opened by ONNX Runtime: %s".formatted(file, reason(failure, model.graph())),
          failure);
    } catch (RuntimeException failure) {
      closeQuietly(session);
      throw failure;
    } catch (LinkageError failure) {
      throw new PalimpsestException(
          "ONNX Runtime has no natives for this platform (%s).".formatted(failure), failure);
    }
  }

  /** Names the operation, where it is known which one is meant. */
  private static String reason(OrtException failure, OnnxGraph graph) {
    String poolings =
        graph.allNodes().stream()
            .filter(OnnxNode::padsByItsKernel)
            .map(
                node ->
                    "%s (%s of %s with pads %s)"
                        .formatted(
                            node.label(),
                            node.operation(),
                            node.lists().get("kernel_shape"),
                            node.lists().get("pads")))
            .collect(Collectors.joining(", "));
    return poolings.isEmpty() || !String.valueOf(failure.getMessage()).contains(PADDING)
        ? inOneLine(failure)
        : "a pooling must pad by less than its kernel is wide, unlike %s. Below opset 10 PyTorch's exporter writes ceil_mode as such padding: export the network at opset 10 or later."
            .formatted(poolings);
  }

  /** Without the place in the runtime's source. */
  private static String inOneLine(OrtException failure) {
    String told = String.valueOf(failure.getMessage()).strip().replaceAll("\\s++", " ");
    Matcher newer = NEWER.matcher(told);
    Matcher foreign = FOREIGN.matcher(told);
    if (foreign.find()) {
      return "the operator %s is not known; those of ai.onnx, ai.onnx.ml and com.microsoft are, and libraries of others are not loaded. Export the network without it, or with it as a function of the model."
          .formatted(foreign.group(1));
    }
    return newer.find()
        ? "the file has version %s of ONNX's format, and versions up to %s are read. Save it with an older onnx, or with its ir_version set to that."
            .formatted(newer.group(1), newer.group(2))
        : PLACE.matcher(told).replaceAll("");
  }

  private static OrtSession session(OrtEnvironment environment, byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
      // Moving DequantizeLinear of one scale a channel behind Transpose aborts ONNX Runtime 1.28.
      options.addConfigEntry("session.disable_quant_qdq", "1");
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

  /** Whether it can be shown just so many probes at once. */
  boolean isOfFixedSize() {
    long[] shape = inputInfo.getShape();
    return shape.length > 0 && shape[0] > 0;
  }

  /** Batches of the size that is asked for, or that the file insists on. */
  BatchedRun batches(String name, Probes probes, RunLimits limits) {
    long[] shape = inputInfo.getShape();
    requireFitting(name, probes.shape(), shape);
    if (!isOfFixedSize()) {
      return BatchedRun.of(name, limits);
    }
    if (probes.count() % shape[0] != 0) {
      throw new PalimpsestException(
          "'%s' was exported for exactly %s probes at once, and %s cannot be shown so. Export it with a dynamic first axis (dynamic_axes), or give a multiple of %s."
              .formatted(name, shape[0], probes.count(), shape[0]));
    }
    return BatchedRun.ofFixedSize(name, limits, Math.toIntExact(shape[0]));
  }

  /** The extents of an input are negative where they may vary. */
  private void requireFitting(String name, long[] given, long[] expected) {
    boolean fits = expected.length == 0 || given.length == expected.length;
    for (int i = 1; fits && i < expected.length; i++) {
      fits = expected[i] < 0 || expected[i] == given[i];
    }
    if (!fits) {
      String extents =
          IntStream.range(0, expected.length)
              .mapToObj(
                  i -> i == 0 && expected[i] < 0 ? "n" : expected[i] < 0 ? "any" : "" + expected[i])
              .collect(Collectors.joining(", ", "[", "]"));
      throw new PalimpsestException(
          "'%s' takes probes of the shape %s as its input '%s', and cannot be shown these of the shape %s. Show it others, or export it with dynamic axes."
              .formatted(name, extents, inputName, Arrays.toString(given)));
    }
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
    try (OnnxTensor input = OnnxTensors.of(environment, batch, inputInfo.type, source)) {
      for (Map.Entry<String, OnnxValue> answer : session.run(Map.of(inputName, input), values)) {
        if (answer.getValue() instanceof OnnxTensor tensor) {
          answers.put(answer.getKey(), tensor);
        }
      }
      return answers;
    } catch (OrtException failure) {
      throw new IllegalArgumentException(inOneLine(failure), failure);
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
