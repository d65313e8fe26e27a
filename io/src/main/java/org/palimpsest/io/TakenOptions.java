package org.palimpsest.io;

import static org.palimpsest.io.network.NetworkOptions.Option.ARCHITECTURE;
import static org.palimpsest.io.network.NetworkOptions.Option.CHECKPOINT;
import static org.palimpsest.io.network.NetworkOptions.Option.FOLD;
import static org.palimpsest.io.network.NetworkOptions.Option.KEY;
import static org.palimpsest.io.network.NetworkOptions.Option.WITHOUT_PREFIX;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
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
import org.palimpsest.io.plugin.Importer;

/**
 * Which options say something of a file, by what it holds. The table of them is here alone; what a
 * file does not take would be passed over by whatever reads it, and is to be refused before.
 *
 * @param is what the file is, in words that continue the sentence "this is …"
 * @param asNetwork what is taken where the network is run
 * @param asWeights what is taken where the weights alone are read
 */
public record TakenOptions(String is, Set<Option> asNetwork, Set<Option> asWeights) {

  private static final Set<Option> NONE = Set.of();
  private static final Set<Option> ALL = EnumSet.allOf(Option.class);
  private static final Set<Option> NAMES = EnumSet.of(KEY, WITHOUT_PREFIX);
  private static final Set<Option> DESCRIBED = EnumSet.of(ARCHITECTURE, KEY, WITHOUT_PREFIX);

  public TakenOptions {
    asNetwork = Set.copyOf(asNetwork);
    asWeights = Set.copyOf(asWeights);
  }

  /**
   * What a file takes. Of one that is no network, no weights, or cannot be read, that is
   * everything: opening it tells what is wrong.
   *
   * @param said what is said of it; a state dict that is run takes a key with an architecture alone
   */
  public static TakenOptions of(Path file, NetworkOptions said) {
    try {
      Optional<Importer> importer = Importers.of(file);
      return importer.isPresent()
          ? new TakenOptions(importer.get().kind(), NONE, NONE)
          : of(file, FileKind.of(file), said.architecture().isPresent());
    } catch (PalimpsestException unreadable) {
      return new TakenOptions("a file that cannot be read", ALL, ALL);
    }
  }

  /**
   * The refusal of what a file does not take.
   *
   * @param taken {@link #asNetwork} or {@link #asWeights}
   * @param otherwise what else can be done than to leave it out, or empty
   */
  public PalimpsestException refusal(
      Path file, Option option, Set<Option> taken, String otherwise) {
    List<String> others =
        Arrays.stream(Option.values()).filter(taken::contains).map(Option::word).toList();
    String instead = others.isEmpty() ? "" : " (it takes %s)".formatted(String.join(", ", others));
    return new PalimpsestException(
        "%s is %s, of which %s says nothing%s; leave it out%s."
            .formatted(file, is, option.word(), instead, otherwise));
  }

  /**
   * Makes sure that a file takes what is said of it.
   *
   * @param where {@link #asNetwork} or {@link #asWeights}
   * @throws PalimpsestException if it does not
   */
  static void require(Path file, NetworkOptions said, Function<TakenOptions, Set<Option>> where) {
    if (said.equals(NetworkOptions.none())) {
      return;
    }
    TakenOptions kind = of(file, said);
    Set<Option> taken = where.apply(kind);
    for (Option option : Option.values()) {
      if (option.isIn(said) && !taken.contains(option)) {
        throw kind.refusal(file, option, taken, "");
      }
    }
  }

  private static TakenOptions of(Path file, FileKind kind, boolean described) {
    Optional<FrontEnds.Found> network = FrontEnds.of(file, NetworkOptions.none());
    return network.isPresent()
        ? of(network.get(), kind, described)
        : withoutNetwork(kind, kind.describe(file), described);
  }

  private static TakenOptions of(FrontEnds.Found network, FileKind kind, boolean described) {
    boolean folder = kind == FileKind.FOLDER;
    if (network.reader() instanceof NnUnetReader reader) {
      return folder
          ? new TakenOptions(reader.folder(), EnumSet.of(FOLD, CHECKPOINT), NONE)
          : described
              ? new TakenOptions(kind.description(), DESCRIBED, DESCRIBED)
              : new TakenOptions("a checkpoint of nnU-Net", EnumSet.of(ARCHITECTURE), DESCRIBED);
    } else if (network.reader() instanceof BundleReader reader) {
      return new TakenOptions(reader.folder(), DESCRIBED, DESCRIBED);
    } else if (network.reader() instanceof SmpReader reader) {
      return new TakenOptions(reader.folder(), NAMES, NAMES);
    } else if (network.reader() instanceof KerasReader) {
      return network.reader().lacksNetwork(network.file(), kind)
          ? new TakenOptions(
              "weights of Keras",
              EnumSet.of(ARCHITECTURE),
              EnumSet.of(ARCHITECTURE, WITHOUT_PREFIX))
          : new TakenOptions("a network that Keras saved", NONE, EnumSet.of(WITHOUT_PREFIX));
    }
    return new TakenOptions(kind.description(), NONE, EnumSet.of(WITHOUT_PREFIX));
  }

  private static TakenOptions withoutNetwork(FileKind kind, String is, boolean described) {
    return switch (kind) {
      case TORCH_CHECKPOINT, TORCH_LEGACY, TORCH_MODULE ->
          new TakenOptions(is, DESCRIBED, DESCRIBED);
      case SAFETENSORS ->
          new TakenOptions(is, described ? DESCRIBED : EnumSet.of(ARCHITECTURE), DESCRIBED);
      case TORCHSCRIPT -> new TakenOptions(is, NONE, NAMES);
      case ONNX, DL4J -> new TakenOptions(is, NONE, EnumSet.of(WITHOUT_PREFIX));
      case NPY, NPZ, HDF5, FOLDER -> new TakenOptions(is, NONE, ALL);
      default -> new TakenOptions(is, ALL, ALL);
    };
  }
}
