package org.palimpsest.io.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.hdf5.Hdf5File;
import org.palimpsest.io.internal.hdf5.Hdf5Numbers;

/**
 * The numeric datasets of an HDF5 file: one layer per dataset, named by its path without the first
 * slash, in the order in which the file lists them. Links are not followed, so no other file is
 * ever opened.
 *
 * <p>MATLAB stores the last index first and names its class with each array: those are given back
 * as MATLAB showed them.
 */
final class Hdf5Activations {

  private static final int BLOCK = 1 << 14;
  private static final long MOST_THAT_FILTERS_CAN = 1040;

  private Hdf5Activations() {}

  static ActivationSet open(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    Hdf5Listing listing = listing(file);
    LateProvenance origin =
        new LateProvenance(
            () -> new Provenance(file.toString(), watched.sha256(), listing.notes()));
    List<String> layers = listing.arrays().stream().map(StoredArray::name).toList();
    return new LayersOnDisk(
        InputFiles.name(file),
        origin,
        layers,
        layer -> read(file, layer, Objects.requireNonNull(listing.addresses().get(layer), layer)),
        layer -> watched);
  }

  /**
   * What is in a file.
   *
   * @throws PalimpsestException if it holds no dataset of numbers
   */
  static Hdf5Listing listing(Path file) {
    Hdf5Listing listing = reading(file, hdf -> Hdf5Listing.of(hdf, file));
    if (listing.arrays().isEmpty()) {
      throw new PalimpsestException(
          "%s holds no dataset of numbers%s."
              .formatted(
                  file,
                  listing.notes().isEmpty() ? "" : "; " + String.join("; ", listing.notes())));
    }
    return listing;
  }

  /** By its address: to walk the groups for each layer would read all of them again and again. */
  private static INDArray read(Path file, String layer, long address) {
    String source = "Dataset '" + layer + "' in " + file;
    return reading(
        file,
        hdf -> {
          Dataset dataset = (Dataset) hdf.getNodeByAddress(address);
          long[] shape = dataset.getDimensionsAsLong();
          Shapes.requireRank(shape.length, source);
          requireHonest(dataset, shape, file, source);
          INDArray tensor = tensor(Hdf5Numbers.read(hdf, dataset, source), shape, source);
          return Hdf5Listing.isOfMatlab(dataset) ? Shapes.reversed(tensor) : tensor;
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

  private static INDArray tensor(Hdf5Numbers.Numbers numbers, long[] shape, String source) {
    int count = numbers.count();
    if (count != Arrays.stream(shape).reduce(1, Math::multiplyExact)) {
      throw new PalimpsestException(
          "%s of the shape %s holds %d values: it is damaged."
              .formatted(source, Arrays.toString(shape), count));
    }
    ElementType type = numbers.type();
    TensorWriter writer = Allocation.tensor(source, type.tensorType(), count);
    double[] block = new double[Math.min(BLOCK, count)];
    for (int from = 0; from < count; from += BLOCK) {
      int some = Math.min(BLOCK, count - from);
      for (int i = 0; i < some; i++) {
        block[i] = numbers.get(from + i);
      }
      writer.write(from, block, some);
    }
    return writer.tensor().reshape('c', shape);
  }

  /** The library that reads HDF5 was not made for hostile files: all its failures end here. */
  private static <T> T reading(Path file, Function<HdfFile, T> work) {
    try (HdfFile hdf = Hdf5File.open(InputFiles.require(file))) {
      return work.apply(hdf);
    } catch (PalimpsestException failure) {
      throw failure;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
      throw new PalimpsestException(
          "%s cannot be read as HDF5: it is damaged, or uses what is not read (%s)."
              .formatted(file, cause(failure)),
          failure);
    }
  }

  /** The first failure says what is not read, those that follow from it where that stands. */
  private static String cause(Throwable failure) {
    Throwable first = failure;
    for (Throwable next = failure; next != null; next = next.getCause()) {
      first = next;
    }
    return Objects.requireNonNullElse(first.getMessage(), first.toString());
  }
}
