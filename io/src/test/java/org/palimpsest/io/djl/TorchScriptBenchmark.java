package org.palimpsest.io.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;

/**
 * What capturing all layers costs, beside a plain forward pass of the untouched file. Not part of
 * the tests; run it with
 *
 * <pre>
 * mvn -pl io -am test -Dtest=TorchScriptBenchmark -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dmodel=FILE.pt -Dshape=8,3,128,128
 * </pre>
 */
class TorchScriptBenchmark {

  private static final int ROUNDS = 31;
  private static final double NANOS_PER_MS = 1e6;

  @FunctionalInterface
  private interface Work {
    void run(NDArray probes, NDManager manager);
  }

  @Test
  void capturingAllLayersBesideAPlainPass() throws Exception {
    String given = System.getProperty("model", "");
    Path file = given.isEmpty() ? HookedActivations.archive("unet_scripted.pt") : Path.of(given);
    long[] shape =
        Arrays.stream(System.getProperty("shape", "8,1,128,128").split(","))
            .mapToLong(Long::parseLong)
            .toArray();
    INDArray probes = Nd4j.rand(DataType.FLOAT, shape);
    PyTorchRuntime.require();
    PyTorchRuntime.interpretInThisThread();
    try (Model plain = Model.newInstance("plain", Device.cpu(), PyTorchRuntime.ENGINE);
        RunModule.RecordingModule module =
            RunModule.RecordingModule.load(TorchScriptArchive.open(file))) {
      plain.load(file, null, Map.of("mapLocation", "true"));
      report(probes, (PtSymbolBlock) plain.getBlock(), module);
    }
  }

  private static void report(
      INDArray probes, PtSymbolBlock plain, RunModule.RecordingModule module) {
    List<String> names = namesOf(probes, module);
    try (NDManager kept = PyTorchRuntime.newManager()) {
      Recording recorded =
          module.run(input(probes, kept), ScalarType.FLOAT32, Recorded.whole(names), kept);
      double[] best =
          bestTimes(
              probes,
              List.of(
                  (input, manager) -> forward(plain, input),
                  (input, manager) ->
                      module.run(input, ScalarType.FLOAT32, Recorded.whole(names), manager),
                  (input, manager) -> capture(module, names, input, manager),
                  (input, manager) -> copy(recorded, manager)));
      System.out.printf(
          "%d layers: plain forward %.1f ms; recording in libtorch %.1f ms; whole capture %.1f ms,"
              + " of which copying %.1f ms; without the copying %.2f times the plain forward%n",
          names.size(), best[0], best[1], best[2], best[3], (best[2] - best[3]) / best[0]);
    }
  }

  private static List<String> namesOf(INDArray probes, RunModule.RecordingModule module) {
    try (NDManager manager = PyTorchRuntime.newManager()) {
      return module.discover(input(probes, manager), ScalarType.FLOAT32, manager).names();
    }
  }

  private static NDArray input(INDArray probes, NDManager manager) {
    return Tensors.toDjl(manager, probes, ai.djl.ndarray.types.DataType.FLOAT32);
  }

  private static void forward(PtSymbolBlock block, NDArray probes) {
    try (IValue input = IValue.from((PtNDArray) probes);
        IValue result = IValueUtils.runMethod(block, "forward", input)) {
      result.getType();
    }
  }

  private static void capture(
      RunModule.RecordingModule module, List<String> names, NDArray input, NDManager manager) {
    Recording recording = module.run(input, ScalarType.FLOAT32, Recorded.whole(names), manager);
    for (int i = 0; i < names.size(); i++) {
      Tensors.toNd4j(names.get(i), recording.tensors().get(i));
    }
  }

  /** Both copies: within libtorch, and from there to ND4J. */
  private static void copy(Recording recorded, NDManager manager) {
    for (int i = 0; i < recorded.names().size(); i++) {
      NDArray copy = recorded.tensors().get(i).duplicate();
      copy.attach(manager);
      Tensors.toNd4j(recorded.names().get(i), copy);
    }
  }

  /** The shortest time of each, taken in turns, so that other work on the machine hits all. */
  private static double[] bestTimes(INDArray probes, List<Work> works) {
    double[] best = new double[works.size()];
    Arrays.fill(best, Double.POSITIVE_INFINITY);
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < best.length; i++) {
        try (NDManager manager = PyTorchRuntime.newManager()) {
          NDArray input = input(probes, manager);
          long start = System.nanoTime();
          works.get(i).run(input, manager);
          best[i] = Math.min(best[i], (System.nanoTime() - start) / NANOS_PER_MS);
        }
      }
    }
    return best;
  }
}
