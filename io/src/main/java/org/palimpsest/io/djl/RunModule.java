package org.palimpsest.io.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.internal.torchscript.LayerNames;
import org.palimpsest.io.internal.torchscript.StateTensors;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;

/**
 * The network for one showing of probes, which begins in the state that was saved.
 *
 * <p>All showings share one module, until a pass tells that the network changes its own state; from
 * then on each pass that begins with the first probe loads the file anew.
 */
final class RunModule implements AutoCloseable {

  /** What all showings of a network share. */
  static final class Shared implements AutoCloseable {

    private final TorchScriptArchive archive;
    private final RecordingModule module;

    /** Every pass of a graph has its buffers as they were saved. */
    private final boolean isGraph;

    private final boolean mayChangeUnseen;
    private volatile boolean reload;
    private volatile boolean known;

    /** Whether passes ran since the state was last seen to be the one that was saved. */
    private volatile boolean passed;

    /** Whether the module is closed, or another network's. */
    private boolean isGone;

    Shared(TorchScriptArchive archive) {
      this(archive, RecordingModule.load(archive));
    }

    private Shared(TorchScriptArchive archive, RecordingModule module) {
      this.archive = archive;
      this.module = module;
      this.isGraph = archive.graph().isPresent();
      this.mayChangeUnseen = !isGraph && archive.mayChangeUnseen();
      this.reload = mayChangeUnseen;
    }

    private void reloadFromNowOn() {
      reload = !isGraph;
    }

    /** Sees to it that the module is in the state that was saved, or will be loaded anew. */
    private synchronized void lookBack() {
      if (isGraph || reload) {
        return;
      }
      boolean looks = passed;
      passed = false;
      module.rememberState();
      if (looks && module.hasOtherState()) {
        reload = true;
      }
    }

    /**
     * Puts the tensors of another archive with the same code into the module, which is that
     * archive's from then on.
     *
     * @return empty if that cannot be, or if the module may not be as it was saved
     */
    synchronized Optional<Shared> handOver(TorchScriptArchive sibling) {
      lookBack();
      if (isGraph || reload) {
        return Optional.empty();
      }
      return sibling
          .tensors()
          .filter(module::adopt)
          .map(
              adopted -> {
                isGone = true;
                return new Shared(sibling, module.of(sibling));
              });
    }

    LayerNames layerNames() {
      return module.copy().layerNames();
    }

    @Override
    public synchronized void close() {
      if (!isGone) {
        isGone = true;
        module.close();
      }
    }
  }

  private final Shared shared;
  private @Nullable RecordingModule own;
  private boolean changed;

  RunModule(Shared shared) {
    this.shared = shared;
  }

  /** Brings the network into the state in which it was saved. */
  void beginAnew() {
    shared.lookBack();
    if (shared.reload) {
      close();
      own = RecordingModule.load(shared.archive);
      own.rememberState();
    }
  }

  /**
   * Looks once more at all of the network's state after the last pass. What a single pass tells
   * leaves out tensors that are trained, since to look at them takes longer than a small pass.
   */
  void lookBack() {
    shared.lookBack();
    changed |= own == null ? shared.reload : own.hasOtherState();
  }

  /** Whether a pass may change the network's state and not tell. */
  boolean mayChangeUnseen() {
    return shared.mayChangeUnseen;
  }

  /** Says that passes change the network's state, which they did not tell. */
  void tellChanged() {
    changed = true;
  }

  /** Whether a pass of this showing changed the network's state. */
  boolean changed() {
    return changed;
  }

  /** Runs the network, see {@link RecordingModule#run}. */
  Recording run(NDArray probes, ScalarType type, Recorded recorded, NDManager manager) {
    try {
      return watched(current().run(probes, type, recorded, manager));
    } finally {
      shared.passed = true;
    }
  }

  /**
   * Begins anew and runs the network for the names and shapes of all layers. The very first time no
   * other thread may look meanwhile, since it may change what all share.
   */
  Recording discover(NDArray probes, ScalarType type, NDManager manager) {
    if (shared.known) {
      return lookAnew(probes, type, manager);
    }
    synchronized (shared) {
      Recording recording = lookAnew(probes, type, manager);
      shared.known = true;
      return recording;
    }
  }

  private Recording lookAnew(NDArray probes, ScalarType type, NDManager manager) {
    beginAnew();
    boolean whole = false;
    try {
      Recording recording = watched(current().discover(probes, type, manager));
      whole = true;
      return recording;
    } finally {
      shared.passed = true;
      // A pass that fails half-way does not tell what it changed before.
      if (!whole) {
        shared.reloadFromNowOn();
      }
    }
  }

  private RecordingModule current() {
    return own == null ? shared.module : own;
  }

  private Recording watched(Recording recording) {
    if (recording.changed()) {
      changed = !shared.isGraph;
      shared.reloadFromNowOn();
    }
    return recording;
  }

  @Override
  public void close() {
    if (own != null) {
      own.close();
      own = null;
    }
  }

  /** A recording copy of an archive, loaded into libtorch in evaluation mode. */
  static final class RecordingModule implements AutoCloseable {

    private final Path file;
    private final Model model;
    private final PtSymbolBlock block;
    private final TorchScriptArchive.RecordingCopy copy;
    private double @Nullable [] remembered;

    private RecordingModule(Path file, Model model, TorchScriptArchive.RecordingCopy copy) {
      this.file = file;
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
          TorchScriptArchive.RecordingCopy copy = archive.writeRecordingCopy(file);
          return new RecordingModule(archive.file(), loadFile(file, archive), copy);
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

    TorchScriptArchive.RecordingCopy copy() {
      return copy;
    }

    /** The same, by the name of another file, whose tensors it has. */
    RecordingModule of(TorchScriptArchive sibling) {
      RecordingModule other = new RecordingModule(sibling.file(), model, copy);
      other.remembered = remembered;
      return other;
    }

    /** Keeps sums of the whole state before the first pass. */
    void rememberState() {
      if (remembered == null) {
        remembered = sums();
      }
    }

    /** Whether the whole state is another than the one that is remembered. */
    boolean hasOtherState() {
      return !Arrays.equals(remembered, sums());
    }

    /**
     * Puts another file's tensors in the place of its own.
     *
     * @param tensors their numbers, in the order in which the copy takes them
     * @return whether these were all; if not, the module is of no more use
     */
    boolean adopt(List<StateTensors.Numbers> tensors) {
      try (NDManager manager = PyTorchRuntime.newManager()) {
        double[] sums =
            sums(
                tensors.stream()
                    .map(numbers -> (PtNDArray) Tensors.toDjl(manager, numbers))
                    .toArray(PtNDArray[]::new));
        remembered = sums;
        return sums[sums.length - 1] == 0;
      } catch (PalimpsestException refused) {
        return false;
      }
    }

    private double[] sums(PtNDArray... given) {
      PyTorchRuntime.interpretInThisThread();
      try (IValue tensors = IValue.listFrom(given);
          IValue sums = IValueUtils.runMethod(block, copy.sumsMethod(), tensors)) {
        return sums.toDoubleArray();
      } catch (EngineException failure) {
        throw new PalimpsestException(
            "The tensors of %s cannot be looked at for changes: %s"
                .formatted(file, NativeMessage.of(failure)),
            failure);
      }
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

    /** Runs the network for the names and shapes of all layers; copies no more than glimpses. */
    Recording discover(NDArray probes, ScalarType type, NDManager manager) {
      return run(probes, type, Recorded.whole(List.of()), true, manager);
    }

    private Recording run(
        NDArray probes,
        ScalarType type,
        Recorded recorded,
        boolean discovering,
        NDManager manager) {
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
              List.of(tensors.toTensorArray((PtNDManager) manager)),
              changed.toBoolean());
        }
      }
    }

    @Override
    public void close() {
      model.close();
    }

    /** Says why libtorch would not load an archive. */
    private static final class LoadFailure {

      private static final Pattern UNKNOWN_TO_RUNTIME =
          Pattern.compile(
              "(?s).*(Unknown builtin op|maximum supported version|version \\d+, but the maximum"
                  + "|Unknown type name|Could not find any similar ops|Arguments for call are not valid"
                  + "|Unknown qualified name).*");

      private LoadFailure() {}

      private static final Pattern MISSING_OPERATOR =
          Pattern.compile("Unknown builtin op: aten::(\\w+)");

      private static final Pattern REFUSED_CALL =
          Pattern.compile("The original call is:[^~]*ops\\.\\w+\\.(\\w+)\\([^\\n]*\\n *~");

      static PalimpsestException of(TorchScriptArchive archive, Throwable failure) {
        String reason = NativeMessage.of(failure);
        if (archive.graph().isPresent()) {
          return ofGraph(archive, reason, failure);
        }
        if (UNKNOWN_TO_RUNTIME.matcher(String.valueOf(failure.getMessage())).matches()) {
          return new PalimpsestException(
              String.format(
                  Locale.ROOT,
                  ("%s (file format version %d) needs something that the runtime, PyTorch %s, does not"
                      + " have: %s It was written by a newer PyTorch or uses an extension library."
                      + " Save it again with PyTorch %s or older, or export it without the extension."),
                  archive.file(),
                  archive.formatVersion(),
                  version(),
                  sentence(reason),
                  version()),
              failure);
        }
        return new PalimpsestException(
            "%s cannot be loaded by PyTorch %s: %s"
                .formatted(archive.file(), version(), sentence(reason)),
            failure);
      }

      private static PalimpsestException ofGraph(
          TorchScriptArchive archive, String reason, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        Matcher missing = MISSING_OPERATOR.matcher(message);
        Matcher call = REFUSED_CALL.matcher(message);
        if (call.find()) {
          return new PalimpsestException(
              "%s calls the operator %s in a way that the runtime, PyTorch %s, does not have."
                  .formatted(archive.file(), call.group(1), version()),
              failure);
        }
        return new PalimpsestException(
            missing.find()
                ? "%s needs the operator %s, which the runtime, PyTorch %s, does not have."
                    .formatted(archive.file(), missing.group(1), version())
                : "%s describes a network that the runtime, PyTorch %s, cannot run: %s"
                    .formatted(archive.file(), version(), sentence(reason)),
            failure);
      }

      private static String sentence(String reason) {
        return reason.endsWith(".") ? reason : reason + ".";
      }

      private static String version() {
        return Engine.getEngine(PyTorchRuntime.ENGINE).getVersion();
      }
    }
  }
}
