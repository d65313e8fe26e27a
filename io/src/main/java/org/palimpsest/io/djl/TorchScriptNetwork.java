package org.palimpsest.io.djl;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.core.representation.LayerMatrices.MatrixBatch;
import org.palimpsest.core.representation.LayerMatrices.MatrixRequest;
import org.palimpsest.core.representation.LayerMatrices.ReducingSource;
import org.palimpsest.internal.file.TemporaryFolder;
import org.palimpsest.io.djl.LayerPlan.Looks;
import org.palimpsest.io.internal.capture.RunNotes;
import org.palimpsest.io.internal.graph.NetworkGraph;
import org.palimpsest.io.internal.torchscript.TorchScriptArchive;
import org.palimpsest.io.network.NetworkOptions.RunLimits;

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
 *
 * <pre>{@code
 * try (TorchScriptNetwork network = TorchScriptNetwork.open(Path.of("unet.pt"))) {
 *   ActivationSet activations = network.capture(probes, LayerSelector.of("enc*"));
 * }
 * }</pre>
 *
 * <p>The model's code is run, in this process; a file that is not trusted, or that might bring
 * libtorch down, is better opened by {@code Inputs.openIsolated}. The file may be read again while
 * the network is used; if it changed meanwhile, that is an error.
 */
public final class TorchScriptNetwork implements ReducingSource {

  private final TorchScriptArchive archive;
  private final RunModule.Shared module;
  private final RunLimits limits;
  private final AtomicReference<@Nullable Looks> looks = new AtomicReference<>();
  private final Neighbours neighbours = new Neighbours();
  private final Set<String> discoveries = new ConcurrentSkipListSet<>();

  private TorchScriptNetwork(TorchScriptArchive archive, RunLimits limits) {
    this(archive, new RunModule.Shared(archive), limits);
  }

  private TorchScriptNetwork(
      TorchScriptArchive archive, RunModule.Shared module, RunLimits limits) {
    this.archive = archive;
    this.module = module;
    this.limits = limits;
  }

  /**
   * Opens a network with {@linkplain RunLimits#withDefaults() the usual limits}. The first one
   * loads libtorch, which takes a second or so.
   *
   * @param file an archive of {@code torch.jit.save}
   * @throws org.palimpsest.core.PalimpsestException if the file is not a TorchScript archive that
   *     this runtime can run, telling what it is
   */
  public static TorchScriptNetwork open(Path file) {
    return open(file, RunLimits.withDefaults());
  }

  /**
   * Opens a network, to be run within these limits.
   *
   * @param file an archive of {@code torch.jit.save}
   * @param limits how many probes are shown at once, and in how much memory
   * @throws org.palimpsest.core.PalimpsestException as {@link #open(Path)}
   */
  public static TorchScriptNetwork open(Path file, RunLimits limits) {
    return new TorchScriptNetwork(TorchScriptArchive.open(file), limits);
  }

  /**
   * Loads the network of a graph, by way of a private file that is gone afterwards. The graph's own
   * file may be closed then.
   *
   * @hidden graphs are internal
   * @throws org.palimpsest.core.PalimpsestException if this runtime cannot run it
   */
  public static TorchScriptNetwork open(NetworkGraph graph, RunLimits limits) {
    try (TemporaryFolder folder = TemporaryFolder.create()) {
      Path stored = folder.path().resolve("graph.pt");
      return new TorchScriptNetwork(TorchScriptArchive.of(graph, stored), limits);
    }
  }

  /**
   * Opens another file and closes this network. If the two differ in the numbers of their tensors
   * alone, as checkpoints of a training do, these are put into the network that libtorch has
   * loaded, whose code it need not read and compile again.
   *
   * @hidden for the process in which networks run
   * @throws org.palimpsest.core.PalimpsestException as {@link #open(Path)}
   */
  public TorchScriptNetwork next(Path file, RunLimits limits) {
    Optional<TorchScriptNetwork> sibling = Optional.empty();
    try (TorchScriptNetwork before = this) {
      sibling = before.archive.sibling(file).flatMap(next -> before.sibling(next, limits));
    }
    return sibling.isPresent() ? sibling.get() : open(file, limits);
  }

  private Optional<TorchScriptNetwork> sibling(TorchScriptArchive next, RunLimits nextLimits) {
    return module.handOver(next).map(shared -> new TorchScriptNetwork(next, shared, nextLimits));
  }

  /**
   * Loads libtorch, which the first network would do otherwise.
   *
   * @throws org.palimpsest.core.PalimpsestException if it is not on the class path
   */
  public static void loadRuntime() {
    PyTorchRuntime.require();
  }

  @Override
  public String name() {
    return String.valueOf(archive.file().getFileName());
  }

  /** The file, its hash, and what was found out about the network so far. */
  @Override
  public Provenance provenance() {
    List<String> notes = new ArrayList<>();
    if (archive.graph().isPresent()) {
      notes.addAll(archive.graph().get().provenance().notes());
      notes.addAll(discoveries);
      return new Provenance(archive.file().toString(), archive.sha256(), notes);
    }
    notes.add(
        archive.savedInTrainingMode()
            ? "saved in training mode; run in evaluation mode"
            : "run in evaluation mode");
    if (archive.tracedInTrainingMode()) {
      notes.add(
          "traced in training mode: dropout or batch statistics are constants of its code, which no"
              + " switch turns off; trace it again after model.eval()");
    }
    if (archive.mayHaveRoundedTowardsZero()) {
      notes.add(
          "divides by torch.floor_divide, which rounds down; before version 1.13 PyTorch rounded"
              + " towards zero, so that negative numbers differ if the file is as old");
    }
    if (archive.isQuantised()) {
      notes.add(RunNotes.QUANTISED);
    }
    notes.addAll(discoveries);
    return new Provenance(archive.file().toString(), archive.sha256(), notes);
  }

  /**
   * The layers whose activations to such probes can be captured, in the order in which they run;
   * shows the network one or two probes.
   *
   * @param probes of the shape that will be shown; the first one or two are run
   * @throws org.palimpsest.core.PalimpsestException if the network cannot take such probes
   */
  public List<String> layers(Probes probes) {
    return List.copyOf(shapes(probes, LayerSelector.all()).keySet());
  }

  /** Shows the network one and two probes, if it was not shown these before. */
  @Override
  public Map<String, long[]> shapes(Probes probes, LayerSelector layers) {
    try (CaptureRun run = newRun(probes)) {
      return run.shapes(layers);
    }
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    try (CaptureRun run = newRun(probes)) {
      run.run(layers, progress, receiver);
    }
  }

  @Override
  public void run(
      Probes probes, MatrixRequest request, Progress progress, Consumer<MatrixBatch> receiver) {
    try (CaptureRun run = newRun(probes)) {
      run.run(request, progress, receiver);
    }
  }

  private CaptureRun newRun(Probes probes) {
    return new CaptureRun(
        archive,
        new RunModule(module),
        module.layerNames(),
        probes,
        limits,
        looks,
        neighbours,
        discoveries::add);
  }

  @Override
  public void close() {
    module.close();
  }
}
