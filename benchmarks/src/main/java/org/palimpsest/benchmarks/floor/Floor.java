package org.palimpsest.benchmarks.floor;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The least that a program in Java does that runs networks: nothing of this library's own, no layer
 * is read, nothing is compared. Timed as a process from start to end.
 *
 * <pre>{@code
 * Floor java
 * Floor tensors                            Java and ND4J
 * Floor libtorch                           Java and libtorch
 * Floor networks BATCH PROBES.npy A.pt …   and the networks, shown all probes
 * Floor all BATCH PROBES.npy A.pt …        and ND4J, which is loaded beside them
 * }</pre>
 */
public final class Floor {

  private static final String ENGINE = "PyTorch";

  private Floor() {}

  public static void main(String[] arguments) throws Exception {
    List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
    switch (arguments[0]) {
      case "java" -> {}
      case "tensors" -> loadTensors();
      case "libtorch" -> Engine.getEngine(ENGINE);
      case "networks" -> run(rest);
      case "all" -> {
        Thread tensors = new Thread(Floor::loadTensors);
        tensors.start();
        run(rest);
        tensors.join();
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    Runtime.getRuntime().halt(0);
  }

  private static void loadTensors() {
    Nd4j.create(1);
  }

  private static void run(List<String> given) throws IOException, MalformedModelException {
    int batch = Integer.parseInt(given.get(0));
    Engine engine = Engine.getEngine(ENGINE);
    JniUtils.setGraphExecutorOptimize(false);
    List<Model> models = new ArrayList<>();
    try (NDManager manager = engine.newBaseManager(Device.cpu());
        InputStream file = Files.newInputStream(Path.of(given.get(1)))) {
      for (String path : given.subList(2, given.size())) {
        models.add(opened(Path.of(path).toAbsolutePath()));
      }
      NDArray probes = NDList.decode(manager, file).singletonOrThrow();
      for (long from = 0; from < probes.getShape().get(0); from += batch) {
        for (Model model : models) {
          show(model.getBlock(), probes, from, batch);
        }
      }
    }
    models.forEach(Model::close);
  }

  private static Model opened(Path file) throws IOException, MalformedModelException {
    Model model = Model.newInstance(file.getFileName().toString(), Device.cpu(), ENGINE);
    model.load(file.getParent(), file.getFileName().toString());
    return model;
  }

  private static void show(Block network, NDArray probes, long from, int batch) {
    try (NDManager manager = probes.getManager().newSubManager()) {
      long end = Math.min(probes.getShape().get(0), from + batch);
      NDArray part = probes.get(from + ":" + end);
      part.attach(manager);
      network.forward(new ParameterStore(manager, false), new NDList(part), false);
    }
  }
}
