package org.palimpsest.io.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.jspecify.annotations.Nullable;
import org.palimpsest.io.internal.torchscript.LayerNames;
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

    private volatile boolean reload;
    private volatile boolean known;

    Shared(TorchScriptArchive archive) {
      this.archive = archive;
      this.module = RecordingModule.load(archive);
      this.isGraph = archive.graph().isPresent();
      this.reload = !isGraph && archive.mayChangeUnseen();
    }

    private void reloadFromNowOn() {
      reload = !isGraph;
    }

    LayerNames layerNames() {
      return module.copy().layerNames();
    }

    @Override
    public void close() {
      module.close();
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
    if (shared.reload) {
      close();
      own = RecordingModule.load(shared.archive);
    }
  }

  /** Whether a pass of this showing changed the network's state. */
  boolean changed() {
    return changed;
  }

  /** Runs the network, see {@link RecordingModule#run}. */
  Recording run(NDArray probes, ScalarType type, Recorded recorded, NDManager manager) {
    return watched(current().run(probes, type, recorded, manager));
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
}
