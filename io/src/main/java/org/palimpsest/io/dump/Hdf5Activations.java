package org.palimpsest.io.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.io.binary.Allocation;
import org.palimpsest.io.file.InputFiles;
import org.palimpsest.io.file.UnchangedFile;

/**
 * The numeric datasets of an HDF5 file: one layer per dataset, named by its path without the first
 * slash, in the order in which the file lists them. Links are not followed, so no other file is
 * ever opened.
 */
final class Hdf5Activations {

  private static final int MAX_DEPTH = 64;
  private static final int MAX_NODES = 100_000;
  private static final int BLOCK = 1 << 14;
  private static final long MOST_THAT_FILTERS_CAN = 1040;

  private Hdf5Activations() {}

  static ActivationSet open(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    List<String> layers =
        reading(
            file,
            hdf -> {
              List<String> found = new ArrayList<>();
              gather(hdf, "", 0, found, new HashSet<>(), file);
              return found;
            });
    if (layers.isEmpty()) {
      throw new PalimpsestException(file + " holds no dataset of numbers.");
    }
    Provenance provenance = new Provenance(file.toString(), watched.sha256(), List.of());
    return new LayersOnDisk(
        InputFiles.name(file), provenance, layers, layer -> read(file, layer), layer -> watched);
  }

  private static void gather(
      Group group, String path, int depth, List<String> found, Set<Long> seen, Path file) {
    if (depth > MAX_DEPTH || seen.size() > MAX_NODES) {
      throw new PalimpsestException(
          file + " nests its groups more deeply, or has more of them, than can be read.");
    }
    for (Node node : group.getChildren().values()) {
      String name = path.isEmpty() ? node.getName() : path + "/" + node.getName();
      if (node instanceof Link || !seen.add(node.getAddress())) {
        continue;
      }
      if (node instanceof Group inner) {
        gather(inner, name, depth + 1, found, seen, file);
      } else if (node instanceof Dataset dataset && isNumeric(dataset)) {
        found.add(name);
      }
    }
  }

  private static boolean isNumeric(Dataset dataset) {
    Class<?> type = dataset.getJavaType();
    return !dataset.isEmpty()
        && !dataset.isCompound()
        && !dataset.isVariableLength()
        && type.isPrimitive()
        && type != char.class;
  }

  private static INDArray read(Path file, String layer) {
    String source = "Dataset '" + layer + "' in " + file;
    return reading(
        file,
        hdf -> {
          Dataset dataset = hdf.getDatasetByPath("/" + layer);
          long[] shape = Arrays.stream(dataset.getDimensions()).asLongStream().toArray();
          requireHonest(dataset, shape, file, source);
          Object values = shape.length == 0 ? dataset.getData() : dataset.getDataFlat();
          return tensor(Objects.requireNonNull(values), shape, source);
        });
  }

  private static void requireHonest(Dataset dataset, long[] shape, Path file, String source) {
    long bytes = dataset.getSizeInBytes();
    if (bytes < 0 || bytes / MOST_THAT_FILTERS_CAN > InputFiles.size(file)) {
      throw new PalimpsestException(
          "%s claims the shape %s, %d bytes, in a file of %d: it is damaged or harmful."
              .formatted(source, Arrays.toString(shape), bytes, InputFiles.size(file)));
    }
  }

  private static INDArray tensor(Object values, long[] shape, String source) {
    if (!values.getClass().isArray()) {
      throw new PalimpsestException(source + " is a single value, not activations.");
    }
    boolean single = values instanceof float[];
    int count = Array.getLength(values);
    TensorWriter writer =
        Allocation.tensor(source, single ? DataType.FLOAT : DataType.DOUBLE, count);
    double[] block = new double[BLOCK];
    for (int from = 0; from < count; from += BLOCK) {
      int some = Math.min(BLOCK, count - from);
      for (int i = 0; i < some; i++) {
        block[i] = number(values, from + i);
      }
      writer.write(from, block, some);
    }
    return writer.tensor().reshape('c', shape);
  }

  private static double number(Object values, int at) {
    if (values instanceof float[] floats) {
      return floats[at];
    }
    return values instanceof boolean[] truths ? truths[at] ? 1 : 0 : Array.getDouble(values, at);
  }

  /** The library that reads HDF5 was not made for hostile files: all its failures end here. */
  private static <T> T reading(Path file, Function<HdfFile, T> work) {
    try (HdfFile hdf = new HdfFile(InputFiles.require(file))) {
      return work.apply(hdf);
    } catch (PalimpsestException failure) {
      throw failure;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      throw new PalimpsestException(
          "%s cannot be read as HDF5: it is damaged, or uses what is not read (%s)."
              .formatted(file, Objects.requireNonNullElse(failure.getMessage(), failure)),
          failure);
    }
  }
}
