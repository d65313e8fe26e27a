package org.palimpsest.io.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.Utils;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.natives.NativeLoading;
import org.palimpsest.internal.file.NativeCache;

/** DJL's PyTorch engine, kept from the network. */
final class PyTorchRuntime {

  static final String ENGINE = "PyTorch";

  private static final String ADVICE =
      "PyTorch's natives are not on the class path. Add ai.djl.pytorch:pytorch-jni:2.7.1-0.35.1 and"
          + " ai.djl.pytorch:pytorch-native-cpu:2.7.1 with the classifier of your platform"
          + " (linux-x86_64, linux-aarch64, osx-aarch64, win-x86_64); nothing is downloaded at run"
          + " time.";

  private PyTorchRuntime() {}

  /**
   * Makes sure that the engine works. Cheap after the first call.
   *
   * @throws PalimpsestException if its natives are missing, naming the artifacts to add
   */
  static Engine require() {
    stayOffline();
    try {
      return NativeLoading.alone(() -> Engine.getEngine(ENGINE));
    } catch (EngineException | LinkageError failure) {
      String why = cache().trouble().orElse(ADVICE + " (" + rootOf(failure) + ")");
      throw new PalimpsestException(why, failure);
    }
  }

  private static NativeCache cache() {
    Path usual = Path.of(System.getProperty("user.home"), ".djl.ai");
    Path folder =
        Stream.of("ENGINE_CACHE_DIR", "DJL_CACHE_DIR")
            .map(name -> Utils.getEnvOrSystemProperty(name, ""))
            .filter(named -> !named.isEmpty())
            .map(Path::of)
            .findFirst()
            .orElse(usual);
    return new NativeCache(folder, "the environment variable DJL_CACHE_DIR=FOLDER");
  }

  /** A manager for tensors in main memory; close it. */
  static NDManager newManager() {
    return require().newBaseManager(Device.cpu());
  }

  /**
   * Has libtorch interpret code as it stands in this thread. Its optimiser gains nothing for
   * networks, whose time goes into a few large operators, and takes long over code that records: 42
   * s for 433 layers, against 1 s.
   */
  static void interpretInThisThread() {
    JniUtils.setGraphExecutorOptimize(false);
  }

  /**
   * Without these DJL would look for natives on its own site, and call home from cloud machines.
   */
  private static void stayOffline() {
    setUnlessSet("ai.djl.offline");
    setUnlessSet("OPT_OUT_TRACKING");
  }

  private static void setUnlessSet(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
