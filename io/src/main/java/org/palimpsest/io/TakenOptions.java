package org.palimpsest.io;

import static org.palimpsest.io.network.NetworkOptions.Option.ARCHITECTURE;
import static org.palimpsest.io.network.NetworkOptions.Option.CHECKPOINT;
import static org.palimpsest.io.network.NetworkOptions.Option.FOLD;
import static org.palimpsest.io.network.NetworkOptions.Option.KEY;
import static org.palimpsest.io.network.NetworkOptions.Option.WITHOUT_PREFIX;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.io.internal.architecture.BundleReader;
import org.palimpsest.io.internal.frontend.FrontEnds;
import org.palimpsest.io.internal.keras.KerasReader;
import org.palimpsest.io.internal.nnunet.NnUnetReader;
import org.palimpsest.io.internal.plugin.Importers;
import org.palimpsest.io.internal.smp.SmpReader;
import org.palimpsest.io.network.NetworkOptions;
import org.palimpsest.io.network.NetworkOptions.Option;
import org.palimpsest.io.network.NetworkOptions.Taken;
import org.palimpsest.io.plugin.Importer;

/**
 * Which options say something of a file, by what it holds. The table of them is here alone; what a
 * file does not take would be passed over by whatever reads it, and is to be refused before.
 */
final class TakenOptions {

  private static final Set<Option> NONE = Set.of();
  private static final Set<Option> ALL = EnumSet.allOf(Option.class);
  private static final Set<Option> NAMES = EnumSet.of(KEY, WITHOUT_PREFIX);
  private static final Set<Option> DESCRIBED = EnumSet.of(ARCHITECTURE, KEY, WITHOUT_PREFIX);

  private TakenOptions() {}

  /** See {@link Inputs#taken}. */
  static Taken of(Path file, NetworkOptions said) {
    try {
      Optional<Importer> importer = Importers.of(file);
      return importer.isPresent()
          ? new Taken(importer.get().kind(), NONE, NONE)
          : of(file, FileKind.of(file), said.architecture().isPresent());
    } catch (PalimpsestException unreadable) {
      return new Taken("a file that cannot be read", ALL, ALL);
    }
  }

  /**
   * Makes sure that a file takes what is said of it.
   *
   * @param where {@link Taken#asNetwork} or {@link Taken#asWeights}
   * @throws PalimpsestException if it does not
   */
  static void require(Path file, NetworkOptions said, Function<Taken, Set<Option>> where) {
    if (said.equals(NetworkOptions.none())) {
      return;
    }
    Taken kind = of(file, said);
    Set<Option> taken = where.apply(kind);
    for (Option option : Option.values()) {
      if (option.isIn(said) && !taken.contains(option)) {
        throw kind.refusal(file, option, taken, "");
      }
    }
  }

  private static Taken of(Path file, FileKind kind, boolean described) {
    Optional<FrontEnds.Found> network = FrontEnds.of(file, NetworkOptions.none());
    return network.isPresent()
        ? of(network.get(), kind, described)
        : withoutNetwork(kind, kind.describe(file), described);
  }

  private static Taken of(FrontEnds.Found network, FileKind kind, boolean described) {
    boolean folder = kind == FileKind.FOLDER;
    if (network.reader() instanceof NnUnetReader reader) {
      return folder
          ? new Taken(reader.folder(), EnumSet.of(FOLD, CHECKPOINT), NONE)
          : described
              ? new Taken(kind.description(), DESCRIBED, DESCRIBED)
              : new Taken("a checkpoint of nnU-Net", EnumSet.of(ARCHITECTURE), DESCRIBED);
    } else if (network.reader() instanceof BundleReader reader) {
      return new Taken(reader.folder(), DESCRIBED, DESCRIBED);
    } else if (network.reader() instanceof SmpReader reader) {
      return new Taken(reader.folder(), NAMES, NAMES);
    } else if (network.reader() instanceof KerasReader) {
      return network.reader().lacksNetwork(network.file(), kind)
          ? new Taken(
              "weights of Keras",
              EnumSet.of(ARCHITECTURE),
              EnumSet.of(ARCHITECTURE, WITHOUT_PREFIX))
          : new Taken("a network that Keras saved", NONE, EnumSet.of(WITHOUT_PREFIX));
    }
    return new Taken(kind.description(), NONE, EnumSet.of(WITHOUT_PREFIX));
  }

  private static Taken withoutNetwork(FileKind kind, String is, boolean described) {
    return switch (kind) {
      case TORCH_CHECKPOINT, TORCH_LEGACY, TORCH_MODULE -> new Taken(is, DESCRIBED, DESCRIBED);
      case SAFETENSORS ->
          new Taken(is, described ? DESCRIBED : EnumSet.of(ARCHITECTURE), DESCRIBED);
      case TORCHSCRIPT -> new Taken(is, NONE, NAMES);
      case ONNX, DL4J -> new Taken(is, NONE, EnumSet.of(WITHOUT_PREFIX));
      case NPY, NPZ, HDF5, FOLDER -> new Taken(is, NONE, ALL);
      default -> new Taken(is, ALL, ALL);
    };
  }
}
