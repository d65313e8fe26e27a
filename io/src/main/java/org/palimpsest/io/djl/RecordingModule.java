package org.palimpsest.io.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.internal.torchscript.RecordingCopy;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;

/** A recording copy of an archive, loaded into libtorch in evaluation mode. */
final class RecordingModule implements AutoCloseable {

  private final Model model;
  private final PtSymbolBlock block;
  private final RecordingCopy copy;

  private RecordingModule(Model model, RecordingCopy copy) {
    this.model = model;
    this.block = (PtSymbolBlock) model.getBlock();
    this.copy = copy;
  }

  /**
   * Loads it by way of a temporary file, which is gone afterwards. From a file libtorch reads one
   * tensor after the other, and DJL switches to evaluation mode; from a stream it would hold the
   * whole archive twice and leave the mode as it was saved.
   */
  static RecordingModule load(TorchScriptArchive archive) {
    PyTorchRuntime.require();
    try {
      try (TemporaryFolder folder = TemporaryFolder.create()) {
        Path file = folder.path().resolve("recording.pt");
        RecordingCopy copy = archive.writeRecordingCopy(file);
        return new RecordingModule(loadFile(file, archive), copy);
      }
    } catch (IOException failure) {
      throw new PalimpsestException(
          "%s cannot be loaded by way of a temporary file: %s"
              .formatted(archive.file(), failure.getMessage()),
          failure);
    }
  }

  @SuppressWarnings("MustBeClosedChecker")
  private static Model loadFile(Path file, TorchScriptArchive archive) throws IOException {
    Model model = Model.newInstance("palimpsest", Device.cpu(), PyTorchRuntime.ENGINE);
    try {
      model.load(file, null, Map.of("mapLocation", "true"));
      return model;
    } catch (EngineException | MalformedModelException failure) {
      model.close();
      throw LoadFailure.of(archive, failure);
    } catch (IOException | RuntimeException failure) {
      model.close();
      throw failure;
    }
  }

  RecordingCopy copy() {
    return copy;
  }

  /**
   * Runs the network.
   *
   * @param probes one batch
   * @param type what the network wants them in
   * @param recorded what to record
   * @param manager owns the tensors of the result
   */
  Recording run(NDArray probes, ScalarType type, Recorded recorded, NDManager manager) {
    return run(probes, type, recorded, false, manager);
  }

  /** Runs the network for the names and shapes of all layers; copies none. */
  Recording discover(NDArray probes, ScalarType type, NDManager manager) {
    return run(probes, type, Recorded.whole(List.of()), true, manager);
  }

  private Recording run(
      NDArray probes, ScalarType type, Recorded recorded, boolean discovering, NDManager manager) {
    PyTorchRuntime.interpretInThisThread();
    PtNDArray[] drawn = recorded.picks().toArray(PtNDArray[]::new);
    try (IValue input = IValue.from((PtNDArray) probes);
        IValue dtype = IValue.from((long) type.number());
        IValue names = IValue.from(String.join("\n", recorded.names()));
        IValue targets = IValue.from(String.join("\n", recorded.reductions()));
        IValue picks = IValue.listFrom(drawn);
        IValue mode = IValue.from(discovering);
        IValue result =
            IValueUtils.runMethod(
                block, copy.entryMethod(), input, dtype, names, targets, picks, mode)) {
      IValue[] parts = result.toIValueTuple();
      try (IValue lines = parts[0];
          IValue tensors = parts[1];
          IValue changed = parts[2]) {
        return Recording.of(
            lines.toStringValue(),
            discovering ? List.of() : List.of(tensors.toTensorArray((PtNDManager) manager)),
            changed.toBoolean());
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
