package org.palimpsest.io.djl;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationBatch;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.io.torchscript.TorchScriptArchive;

/**
 * A scripted or traced PyTorch network, as {@code torch.jit.save} writes it.
 *
 * <p>Its layers are its submodules, by their paths in Python ({@code enc1.conv1}), in the order in
 * which they finish, and its own result, {@code output}. A module that is called again appears as
 * {@code relu#2}; of a result of several tensors each is a layer: {@code lstm[0]}, {@code
 * heads[mask]}. A network without submodules, such as a frozen one, shows its operators: {@code
 * /conv2d}, {@code /relu#3}.
 *
 * <p>A run costs the forward pass and the copying of the layers that were chosen. Several threads
 * may run one network.
 */
public final class TorchScriptNetwork implements ActivationSource {

  /**
   * How a network is run.
   *
   * @param batchSize the most probes that it is shown at once, at least 1
   */
  public record Options(int batchSize) {

    private static final int DEFAULT_BATCH = 16;

    public Options {
      if (batchSize < 1) {
        throw new IllegalArgumentException("a batch of " + batchSize + " probes");
      }
    }

    /** Batches of 16. */
    public static Options withDefaults() {
      return new Options(DEFAULT_BATCH);
    }

    public Options withBatchSize(int size) {
      return new Options(size);
    }
  }

  private final TorchScriptArchive archive;
  private final RecordingModule module;
  private final Options options;
  private final Set<String> discoveries = new ConcurrentSkipListSet<>();

  private TorchScriptNetwork(TorchScriptArchive archive, Options options) {
    this.archive = archive;
    this.module = RecordingModule.load(archive);
    this.options = options;
  }

  /**
   * Opens a network.
   *
   * @throws org.palimpsest.core.PalimpsestException if the file is not a TorchScript archive that
   *     this runtime can run, telling what it is
   */
  public static TorchScriptNetwork open(Path file) {
    return open(file, Options.withDefaults());
  }

  /** Opens a network, to be run in the way given. */
  public static TorchScriptNetwork open(Path file, Options options) {
    return new TorchScriptNetwork(TorchScriptArchive.open(file), options);
  }

  @Override
  public String name() {
    return String.valueOf(archive.file().getFileName());
  }

  /** The file, its hash, and what was found out about the network so far. */
  @Override
  public Provenance provenance() {
    List<String> notes = new ArrayList<>();
    notes.add(
        archive.savedInTrainingMode()
            ? "saved in training mode; run in evaluation mode"
            : "run in evaluation mode");
    if (archive.tracedInTrainingMode()) {
      notes.add(
          "traced in training mode: dropout or batch statistics are constants of its code, which no"
              + " switch turns off; trace it again after model.eval()");
    }
    notes.addAll(discoveries);
    return new Provenance(archive.file().toString(), archive.sha256(), notes);
  }

  /**
   * The layers whose activations to such probes can be captured, in the order in which they run;
   * shows the network one or two probes.
   */
  public List<String> layers(Probes probes) {
    return newRun(probes).layers();
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    newRun(probes).run(layers, progress, receiver);
  }

  private CaptureRun newRun(Probes probes) {
    return new CaptureRun(archive, module, probes, options.batchSize(), discoveries::add);
  }

  @Override
  public void close() {
    module.close();
  }
}
