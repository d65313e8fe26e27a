package org.palimpsest.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.weights.Weights;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.djl.TorchScriptNetwork;
import org.palimpsest.io.dl4j.Dl4jNetwork;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.io.image.ImageProbes;
import org.palimpsest.io.image.Preprocessing;
import org.palimpsest.io.internal.capture.ResidentMemory;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.isolation.IsolatedNetwork;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.nnunet.NnUnetRuns;
import org.palimpsest.io.internal.onnxruntime.OnnxNetwork;
import org.palimpsest.io.internal.onnxruntime.OnnxWeights;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.internal.safetensors.SafetensorsFile;
import org.palimpsest.io.internal.weights.WeightFiles;
import org.palimpsest.io.network.LayerOutline;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.MemoryBound;
import org.palimpsest.io.network.NetworkOptions.RunLimits;
import org.palimpsest.io.network.NetworkOptions.Taken;
import org.palimpsest.io.npy.NpyProbes;
import org.palimpsest.io.plugin.Importer;
import org.palimpsest.io.weights.StateDictNames;

/**
 * Opens files by what they hold, whatever their names.
 *
 * <p>Networks are TorchScript archives, ONNX files, saved networks of DL4J, programs of {@code
 * torch.export}, files of Keras, and state dicts with a description of their architecture.
 * Activations are NPY, NPZ, safetensors and HDF5 files and folders of NPY files. Probes are NumPy
 * arrays, images and NIfTI volumes. Plug-ins ({@link Importer}) are asked first.
 *
 * <p>No code of a file is run but TorchScript's in its runtime, and no object in it is
 * deserialised. Every setting of a file that is not known here is an error that names it. Opening a
 * network reads its file; opening activations reads the names and shapes alone.
 *
 * <p>A file from an unknown source is better opened by {@link #openIsolated(Path, RunLimits)}: the
 * native libraries that run networks can end the whole process at a damaged file.
 */
public final class Inputs {

  private static final int DEPTH_LOOKED_AT = 4;
  private static final long MOST_LOOKED_AT = 100;

  private static final Set<FileKind> MODELS =
      EnumSet.of(
          FileKind.TORCHSCRIPT,
          FileKind.TORCH_EXPORT,
          FileKind.TORCH_CHECKPOINT,
          FileKind.KERAS_ARCHIVE,
          FileKind.ONNX);

  private Inputs() {}

  /**
   * Opens a model or activations.
   *
   * @throws PalimpsestException if there is no such file, or it is neither; then it says what it is
   *     and what it can be used for
   */
  public static Input open(Path file) {
    return open(file, RunLimits.withDefaults());
  }

  /**
   * Opens a model or activations.
   *
   * @param limits how a model is run
   * @throws PalimpsestException as {@link #open(Path)}
   */
  public static Input open(Path file, RunLimits limits) {
    return open(file, limits, NetworkOptions.none());
  }

  /**
   * Opens a network, of whatever tool, to be shown probes.
   *
   * <pre>{@code
   * try (ActivationSource network = Inputs.network(Path.of("model.pt"))) {
   *   ActivationSet activations = network.capture(NpyProbes.open(Path.of("probes.npy")));
   * }
   * }</pre>
   *
   * @param file as {@link #open(Path)} takes it
   * @return runs in this process until it is closed
   * @throws PalimpsestException as {@link #open(Path)}, and if the file holds activations
   */
  public static ActivationSource network(Path file) {
    return network(file, RunLimits.withDefaults(), NetworkOptions.none());
  }

  /**
   * Opens a network as {@link #network(Path)}.
   *
   * @param limits how it is run
   * @param options what the user says of it
   * @throws PalimpsestException as {@link #network(Path)}, and if something is said of it that such
   *     a file does not take ({@link #taken})
   */
  public static ActivationSource network(Path file, RunLimits limits, NetworkOptions options) {
    Input input = open(file, limits, options);
    if (input instanceof Input.Model model) {
      return model.source();
    }
    input.close();
    throw new PalimpsestException(
        file + " holds activations, not a network. Open them by Dumps.open.");
  }

  /**
   * Which options say something of a file. Of one that is no network, no weights, or cannot be
   * read, these are all: opening it tells what is wrong.
   *
   * @param said what is said of it; a state dict that is run takes a key with an architecture alone
   */
  public static Taken taken(Path file, NetworkOptions said) {
    return TakenOptions.of(file, said);
  }

  /**
   * Opens a model or activations.
   *
   * @param limits how a model is run
   * @param options what the user says of it
   * @throws PalimpsestException as {@link #open(Path)}, and if something is said of it that such a
   *     file does not take ({@link #taken})
   */
  public static Input open(Path file, RunLimits limits, NetworkOptions options) {
    return SeenFile.of(file, options).open(limits);
  }

  /**
   * Opens a model or activations; a model whose runtime is native in a process of its own, so that
   * its death is an error and not the end of this process.
   *
   * @param limits how a model is run; its memory is that of both processes together
   * @throws PalimpsestException as {@link #open(Path)}
   */
  public static Input openIsolated(Path file, RunLimits limits) {
    return openIsolated(file, limits, NetworkOptions.none());
  }

  /**
   * Opens a model or activations as {@link #openIsolated(Path, RunLimits)}.
   *
   * @param options what the user says of it
   * @throws PalimpsestException as {@link #open(Path, RunLimits, NetworkOptions)}
   */
  public static Input openIsolated(Path file, RunLimits limits, NetworkOptions options) {
    return SeenFile.of(file, options).openIsolated(limits);
  }

  /**
   * Opens two models or activations as {@link #openIsolated(Path, RunLimits, NetworkOptions)}; two
   * models that need a process are opened side by side in one, unless their memory is limited:
   * starting it takes longer than running a small network. If one of the two makes the process die,
   * both are lost.
   *
   * @return the first and the second
   * @throws PalimpsestException as {@link #open(Path, RunLimits, NetworkOptions)}
   */
  public static List<Input> openBothIsolated(
      Path first, NetworkOptions ofFirst, Path second, NetworkOptions ofSecond, RunLimits limits) {
    SeenFile one = SeenFile.of(first, ofFirst);
    if (!one.needsProcess()) {
      return both(one.openIsolated(limits), () -> openIsolated(second, limits, ofSecond));
    }
    SeenFile other = SeenFile.of(second, ofSecond);
    return other.needsProcess()
        ? IsolatedNetwork.openBoth(first, ofFirst, second, ofSecond, limits).stream()
            .<Input>map(Input.Model::new)
            .toList()
        : both(one.openIsolated(limits), () -> other.openIsolated(limits));
  }

  /**
   * Opens two models or activations as {@link #open(Path, RunLimits, NetworkOptions)}: both, or
   * neither.
   *
   * @return the first and the second
   * @throws PalimpsestException as {@link #open(Path)}; then nothing stays open
   */
  public static List<Input> openBoth(
      Path first, NetworkOptions ofFirst, Path second, NetworkOptions ofSecond, RunLimits limits) {
    return both(open(first, limits, ofFirst), () -> open(second, limits, ofSecond));
  }

  private static List<Input> both(Input first, Supplier<Input> second) {
    try {
      return List.of(first, second.get());
    } catch (RuntimeException failure) {
      first.close();
      throw failure;
    }
  }

  /**
   * Begins to start the process in which {@link #openIsolated(Path, RunLimits, NetworkOptions)}
   * will run the first network of unlimited memory, while the caller does something else. Starting
   * it is most of what a small network takes. What goes wrong is reported when a network is opened.
   *
   * @param files looked at in a thread of its own: the process is started if one is a model by its
   *     first bytes, or a folder with a model among its first files
   */
  public static void startAhead(List<Path> files) {
    lookAside(
        () ->
            models(files.stream().flatMap(Inputs::firstFiles))
                .findFirst()
                .ifPresent(kind -> IsolatedNetwork.startAhead(kind, MemoryBound.unlimited())));
  }

  /**
   * As {@link #startAhead(List)}, where memory is limited and networks have a process each.
   *
   * @param files a process is started for each of the first two that are models by their first
   *     bytes
   * @param memory as it will be told when they are opened
   */
  public static void startAhead(List<Path> files, MemoryBound memory) {
    models(files.stream().distinct())
        .limit(2)
        .forEach(kind -> lookAside(() -> IsolatedNetwork.startAhead(kind, memory)));
  }

  private static Stream<FileKind> models(Stream<Path> files) {
    return files.filter(Files::isRegularFile).map(FileKind::of).filter(MODELS::contains);
  }

  private static void lookAside(Runnable work) {
    Thread looking = new Thread(work, "palimpsest-start-ahead");
    looking.setDaemon(true);
    looking.setUncaughtExceptionHandler((thread, toldWhenItIsOpened) -> {});
    looking.start();
  }

  private static Stream<Path> firstFiles(Path path) {
    if (!Files.isDirectory(path)) {
      return Stream.of(path);
    }
    try (Stream<Path> below = Files.walk(path, DEPTH_LOOKED_AT)) {
      return below.limit(MOST_LOOKED_AT).toList().stream();
    } catch (IOException | UncheckedIOException toldWhenItIsOpened) {
      return Stream.empty();
    }
  }

  /**
   * Makes sure that a description of a network is not given for a file that has its own, as files
   * of Keras have that are not weights alone.
   *
   * @param options what the user says of the file
   * @throws PalimpsestException if it is
   */
  public static void requireNoOtherDescription(Path file, NetworkOptions options) {
    if (options.architecture().isEmpty()) {
      return;
    }
    boolean describesItself =
        FrontEnds.ofKeras(file)
            .filter(found -> !found.reader().lacksNetwork(file, FileKind.of(file)))
            .isPresent();
    if (describesItself) {
      throw new PalimpsestException(
          "%s describes its own network, and %s is for weights without one. Leave --architecture out; where the other file needs it, give it twice, '.' for this one."
              .formatted(file, options.architecture().get()));
    }
  }

  /**
   * A file that was looked at: what opens it is known, and nothing of it is open.
   *
   * @param importer a plug-in that reads it; then nothing else is asked
   * @param network what builds its network, if it is one that has to be built
   * @param kind what it is by its content
   */
  private record SeenFile(
      Path file,
      NetworkOptions options,
      Optional<Importer> importer,
      Optional<FrontEnds.Found> network,
      FileKind kind) {

    static SeenFile of(Path file, NetworkOptions options) {
      TakenOptions.require(file, options, Taken::asNetwork);
      Optional<Importer> importer = Importers.of(file);
      return importer.isPresent()
          ? new SeenFile(file, options, importer, Optional.empty(), FileKind.UNKNOWN)
          : new SeenFile(file, options, importer, FrontEnds.of(file, options), FileKind.of(file));
    }

    boolean needsProcess() {
      return network.isPresent() || IsolatedNetwork.runs(kind);
    }

    Input openIsolated(RunLimits limits) {
      return needsProcess()
          ? new Input.Model(IsolatedNetwork.open(file, besideThisProcess(limits), options))
          : open(limits);
    }

    Input open(RunLimits limits) {
      if (importer.isPresent()) {
        return new Input.Model(importer.get().open(file, limits));
      }
      if (network.isPresent()) {
        return new Input.Model(network.get().open(limits));
      }
      return switch (kind) {
        case TORCHSCRIPT -> new Input.Model(TorchScriptNetwork.open(file, limits));
        case DL4J -> new Input.Model(Dl4jNetwork.open(file).with(limits));
        case ONNX -> new Input.Model(OnnxNetwork.open(file, limits));
        case FOLDER -> {
          NnUnetRuns.requireNone(file);
          yield new Input.Dump(Dumps.open(file));
        }
        case HDF5, NPY, NPZ, SAFETENSORS -> new Input.Dump(Dumps.open(file));
        default ->
            throw NnUnetReader.missingSettings(file, kind)
                .orElseGet(() -> useless(file, kind, "A model or activations are needed here."));
      };
    }

    private static RunLimits besideThisProcess(RunLimits limits) {
      MemoryBound bound = limits.memory();
      return bound.isLimited()
          ? limits.withMemory(bound.besideProcessOf(ResidentMemory.settled()))
          : limits;
    }
  }

  /**
   * The names of a network's layers in the order in which they run, if they can be told without
   * running it: of networks that are built from weights or an exported graph.
   *
   * @param options what the user says of it
   * @throws PalimpsestException if the file is damaged
   */
  public static Optional<List<String>> layers(Path file, NetworkOptions options) {
    return Importers.of(file).isPresent()
        ? Optional.empty()
        : FrontEnds.of(file, options)
            .map(network -> network.outline().layers().stream().map(LayerOutline::name).toList());
  }

  /**
   * Reads the weights of a network: PyTorch's files, programs that it exported, safetensors, ONNX,
   * saved networks of DL4J, and files of Keras.
   *
   * @throws PalimpsestException if there is no such file, it holds no weights, or is damaged
   */
  public static Weights weights(Path file) {
    return weights(file, NetworkOptions.none());
  }

  /**
   * Reads the weights of a network as {@link #weights(Path)}.
   *
   * @param options what the user says of it
   * @throws PalimpsestException as {@link #weights(Path)}, and if something is said of it that such
   *     a file does not take ({@link #taken})
   */
  public static Weights weights(Path file, NetworkOptions options) {
    TakenOptions.require(file, options, Taken::asWeights);
    Optional<Importer> importer = Importers.of(file);
    if (importer.isPresent()) {
      return importer.get().weights(file);
    }
    return FrontEnds.of(file, options)
        .map(FrontEnds.Found::weights)
        .orElseGet(() -> storedWeights(file, options));
  }

  private static Weights storedWeights(Path file, NetworkOptions options) {
    Weights weights =
        options.key().isPresent()
            ? WeightFiles.read(file, options.key().get())
            : storedWeights(file);
    return StateDictNames.without(options.withoutPrefixes(), weights);
  }

  private static Weights storedWeights(Path file) {
    return switch (FileKind.of(file)) {
      case DL4J -> Dl4jNetwork.open(file).weights();
      case ONNX -> OnnxWeights.read(file);
      case HDF5 ->
          throw new PalimpsestException(
              file
                  + " is an HDF5 file, but not one of Keras: its arrays are taken for activations.");
      default -> WeightFiles.read(file);
    };
  }

  /**
   * The names of the tensors in a file, if its header tells them without the rest being read.
   *
   * @throws PalimpsestException if there is no such file, or its header is damaged
   */
  public static Optional<List<String>> tensorNames(Path file) {
    return FileKind.of(file) == FileKind.SAFETENSORS
        ? Optional.of(List.copyOf(SafetensorsFile.open(file).names()))
        : Optional.empty();
  }

  /**
   * Reads the weights in one entry of a training checkpoint.
   *
   * @param key the entry, such as {@code ema_state_dict}, or what the names of the weights begin
   *     with
   * @throws PalimpsestException as {@link #weights(Path)}, and if there is no such entry
   */
  public static Weights weights(Path file, String key) {
    return WeightFiles.reads(FileKind.of(file))
        ? WeightFiles.read(file, key)
        : weights(file, NetworkOptions.none().withKey(key));
  }

  /**
   * Opens probes.
   *
   * @param file a NumPy array; or an image or a volume, or a folder of these
   * @param preprocessing what is done to images; an array is taken as it is
   * @throws PalimpsestException if there is no such file, or it holds no probes
   */
  public static Probes probes(Path file, Preprocessing preprocessing) {
    return probes(file, List.of(), preprocessing);
  }

  /**
   * Opens probes.
   *
   * @param globs which files of a folder, as for {@link ImageProbes#open(Path, List,
   *     Preprocessing)}
   * @throws PalimpsestException as {@link #probes(Path, Preprocessing)}, and if globs are given for
   *     what is no folder
   */
  public static Probes probes(Path file, List<String> globs, Preprocessing preprocessing) {
    if (!globs.isEmpty() && FileKind.of(file) != FileKind.FOLDER) {
      throw new PalimpsestException(
          "%s is no folder, so no files of it can be chosen (%s)."
              .formatted(file, String.join(" ", globs)));
    }
    if (areImages(file)) {
      return ImageProbes.open(file, globs, preprocessing);
    }
    FileKind kind = FileKind.of(file);
    if (kind == FileKind.NPY) {
      if (!preprocessing.equals(Preprocessing.none())) {
        throw new PalimpsestException(
            "%s is an array of inputs, which is shown as it is; images alone are made grey, resized or normalised (%s). Do that before the array is saved."
                .formatted(file, preprocessing.describe()));
      }
      return NpyProbes.open(file);
    }
    throw useless(
        file, kind, "Probes are needed here: a NumPy array (.npy), images or NIfTI volumes.");
  }

  /** Whether a file or folder is opened as images or volumes when probes are needed. */
  public static boolean areImages(Path file) {
    FileKind kind = FileKind.of(file);
    return kind == FileKind.FOLDER || kind.isImage();
  }

  private static PalimpsestException useless(Path file, FileKind kind, String need) {
    return new PalimpsestException(
        "%s is %s. %s It can be used %s.".formatted(file, kind.describe(file), need, kind.use()));
  }
}
