package org.palimpsest.io.dl4j;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.file.InputFiles;

/**
 * What a Keras file says of itself.
 *
 * <p>The whole tree is looked at before anything is read of it: sizes against the size of the file,
 * links, depth and number of its parts.
 *
 * @param architecture the network as JSON, if it is there
 * @param kerasVersion the version that wrote it, or empty
 * @param backend what Keras ran on, such as {@code tensorflow}, or empty
 * @param hasWeightsGroup whether the weights are in a group of their own
 */
record KerasFile(
    Optional<String> architecture, String kerasVersion, String backend, boolean hasWeightsGroup) {

  static final String WEIGHTS = "model_weights";
  private static final int DEEPEST = 32;
  private static final int MOST_NODES = 200_000;

  static KerasFile read(Path file) {
    InputFiles.require(file);
    try (HdfFile hdf = new HdfFile(file)) {
      new Inspection(file, InputFiles.size(file)).visit(hdf, 0);
      boolean whole = hdf.getChildren().containsKey(WEIGHTS);
      Group weights = whole ? (Group) hdf.getChild(WEIGHTS) : hdf;
      if (!whole && hdf.getAttribute("layer_names") == null) {
        throw notKeras(file, hdf.getChildren().containsKey("layers"));
      }
      String version =
          text(hdf, "keras_version").or(() -> text(weights, "keras_version")).orElse("");
      String backend = text(hdf, "backend").or(() -> text(weights, "backend")).orElse("");
      return new KerasFile(text(hdf, "model_config"), version, backend, whole);
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError damage) {
      throw damaged(file, damage);
    }
  }

  /** What to throw when jHDF stumbled; it believes lengths, so it may have run out of memory. */
  static PalimpsestException damaged(Path file, Throwable damage) {
    return new PalimpsestException(
        "%s is not an HDF5 file, or is truncated or damaged (%s)."
            .formatted(file, damage.getMessage()),
        damage);
  }

  private static PalimpsestException notKeras(Path file, boolean keras3Weights) {
    return new PalimpsestException(
        file
            + (keras3Weights
                ? " holds weights in the layout of Keras 3, which DL4J's import does not read. Save"
                    + " the network with model.save(\"network.h5\")."
                : " is an HDF5 file, but not one of Keras: it has no model_weights and no"
                    + " layer_names."));
  }

  private static Optional<String> text(Node node, String name) {
    Attribute attribute = node.getAttribute(name);
    return attribute != null && attribute.getData() instanceof String text
        ? Optional.of(text)
        : Optional.empty();
  }

  private static final class Inspection {

    private final Path file;
    private final long fileSize;
    private int nodes;
    private long bytes;

    Inspection(Path file, long fileSize) {
      this.file = file;
      this.fileSize = fileSize;
    }

    void visit(Group group, int depth) {
      if (depth > DEEPEST) {
        throw refused("its groups are nested more than " + DEEPEST + " deep");
      }
      for (Node node : group) {
        nodes++;
        if (nodes > MOST_NODES) {
          throw refused("it holds more than " + MOST_NODES + " groups and arrays");
        }
        if (node.isLink()) {
          throw refused("'" + node.getPath() + "' is a link to somewhere else");
        }
        if (node instanceof Group inner) {
          visit(inner, depth + 1);
        } else if (node instanceof Dataset dataset) {
          visit(dataset);
        }
      }
    }

    private void visit(Dataset dataset) {
      long size = dataset.getStorageInBytes();
      long elements = dataset.getSize();
      bytes += size;
      if (size < 0 || elements < 0 || elements > fileSize || bytes > fileSize) {
        throw refused(
            "'%s' of the shape %s does not fit into its %d bytes"
                .formatted(dataset.getPath(), Arrays.toString(dataset.getDimensions()), fileSize));
      }
    }

    private PalimpsestException refused(String why) {
      return new PalimpsestException("%s is refused: %s.".formatted(file, why));
    }
  }
}
