package org.palimpsest.io.internal.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.LateProvenance;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.hdf5.Hdf5Children;
import org.palimpsest.io.internal.hdf5.Hdf5File;
import org.palimpsest.io.internal.hdf5.Hdf5Numbers;
import org.palimpsest.io.internal.hdf5.Hdf5Texts;

/**
 * What an HDF5 file holds. Links are not followed, so no other file is ever opened. MATLAB stores
 * the last index first and names its class with each array: those are given back as MATLAB showed
 * them.
 *
 * @param arrays its datasets of numbers, in the order of the file
 * @param notes what stands under two names, and what was left out
 * @param addresses where in the file each of them is described
 */
public record Hdf5Listing(
    List<StoredArray> arrays, List<String> notes, Map<String, Long> addresses) {

  private static final int BLOCK = 1 << 14;
  private static final long MOST_THAT_FILTERS_CAN = 1040;
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NODES = 100_000;
  private static final int MOST_NAMES_IN_A_NOTE = 8;
  private static final String MATLAB_CLASS = "MATLAB_class";

  private static final Set<String> NUMBERS_OF_MATLAB =
      Set.of(
          "double", "single", "logical", "int8", "int16", "int32", "int64", "uint8", "uint16",
          "uint32", "uint64");

  /** Groups in which MATLAB keeps what cells and objects refer to. */
  private static final Set<String> HIDDEN_BY_MATLAB = Set.of("#refs#", "#subsystem#");

  public Hdf5Listing {
    arrays = List.copyOf(arrays);
    notes = List.copyOf(notes);
    addresses = Map.copyOf(addresses);
  }

  static Hdf5Listing of(HdfFile root, Path file) {
    Search search = new Search(root, file);
    search.visit(root, "", 0);
    List<String> notes = new ArrayList<>(search.aliases);
    if (!search.scaled.isEmpty()) {
      notes.add(
          "given as stored, not by their scale_factor and add_offset: "
              + Names.shortened(search.scaled, MOST_NAMES_IN_A_NOTE));
    }
    if (!search.leftOut.isEmpty()) {
      notes.add("left out: " + Names.shortened(search.leftOut, MOST_NAMES_IN_A_NOTE));
    }
    return new Hdf5Listing(search.arrays, notes, search.addresses);
  }

  /** Whether MATLAB wrote a dataset, which then has its extents in reverse. */
  static boolean isOfMatlab(Dataset dataset) {
    return dataset.getAttribute(MATLAB_CLASS) != null;
  }

  private static final class Search {

    private final HdfFile hdf;
    private final Path file;
    private final Map<Long, String> pathsByAddress = new HashMap<>();
    private final List<StoredArray> arrays = new ArrayList<>();
    private final Map<String, Long> addresses = new HashMap<>();
    private final List<String> aliases = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();
    private final List<String> scaled = new ArrayList<>();
    private int nodes;

    Search(HdfFile hdf, Path file) {
      this.hdf = hdf;
      this.file = file;
    }

    void visit(Group group, String path, int depth) {
      if (group.getAttribute("OCTAVE_NEW_FORMAT") != null) {
        throw new PalimpsestException(
            "%s: '%s' is a variable in Octave's own layout of HDF5, which is not read. Save it as .npy or .npz."
                .formatted(file, path));
      }
      Hdf5Children children = Hdf5Children.of(hdf, group);
      children
          .unread()
          .forEach((name, why) -> leftOut.add("%s (%s)".formatted(join(path, name), why)));
      for (Map.Entry<String, Node> child : children.nodes().entrySet()) {
        Node node = child.getValue();
        nodes++;
        if (depth > MAX_DEPTH || nodes > MAX_NODES) {
          throw new PalimpsestException(
              file + " nests its groups more deeply, or has more of them, than can be read.");
        }
        String name = join(path, child.getKey());
        if (node instanceof Link) {
          leftOut.add(name + " (a link)");
        } else {
          visit(node, name, depth);
        }
      }
    }

    private static String join(String path, String name) {
      return path.isEmpty() ? name : path + "/" + name;
    }

    private void visit(Node node, String name, int depth) {
      String earlier = pathsByAddress.putIfAbsent(node.getAddress(), name);
      if (earlier != null) {
        aliases.add("'%s' and '%s' are two names of the same thing".formatted(earlier, name));
      }
      if (node instanceof Group inner) {
        if (isMatlabsOwn(inner, name)) {
          leftOut.add(name + " (MATLAB's cells, objects or sparse arrays)");
        } else if (earlier == null) {
          visit(inner, name, depth + 1);
        }
      } else if (node instanceof Dataset dataset) {
        add(dataset, name);
      }
    }

    private boolean isMatlabsOwn(Group group, String name) {
      String matlab = matlabClass(group);
      return HIDDEN_BY_MATLAB.contains(name.substring(name.lastIndexOf('/') + 1))
          || group.getAttribute("MATLAB_sparse") != null
          || !matlab.isEmpty() && !matlab.equals("struct");
    }

    private void add(Dataset dataset, String name) {
      String matlab = matlabClass(dataset);
      if (!matlab.isEmpty() && !NUMBERS_OF_MATLAB.contains(matlab)) {
        leftOut.add("%s (MATLAB's %s)".formatted(name, matlab));
      } else if (isEmptyInMatlab(dataset)) {
        leftOut.add(name + " (empty)");
      } else {
        whyUnread(dataset)
            .ifPresentOrElse(
                why -> leftOut.add("%s (%s)".formatted(name, why)), () -> list(dataset, name));
      }
    }

    /** Where the library stumbles over a dataset's index of chunks, the others are there still. */
    private static Optional<String> whyUnread(Dataset dataset) {
      try {
        return Hdf5Numbers.whyUnread(dataset);
      } catch (RuntimeException failure) {
        return Optional.of(
            "damaged, or its index of chunks is of a form that is not read"
                + Hdf5Children.reason(failure));
      }
    }

    private void list(Dataset dataset, String name) {
      arrays.add(new StoredArray(name, shape(dataset), typeName(dataset)));
      addresses.put(name, dataset.getAddress());
      if (dataset.getAttribute("scale_factor") != null
          || dataset.getAttribute("add_offset") != null) {
        scaled.add(name);
      }
    }

    /** The mark of an empty array, which has its extents in the place of numbers, is 1. */
    private static boolean isEmptyInMatlab(Dataset dataset) {
      Attribute mark = dataset.getAttribute("MATLAB_empty");
      Object value = mark == null ? 0 : mark.getData();
      boolean alone = value.getClass().isArray() && Array.getLength(value) == 1;
      return !((alone ? Array.get(value, 0) : value) instanceof Number number)
          || number.longValue() != 0;
    }

    private String matlabClass(Node node) {
      Attribute attribute = node.getAttribute(MATLAB_CLASS);
      Object name = attribute == null ? "" : Hdf5Texts.data(hdf, attribute);
      return name instanceof String[] alone && alone.length == 1
          ? alone[0]
          : name instanceof String text ? text : "class of another type";
    }

    private static List<Long> shape(Dataset dataset) {
      List<Long> shape = new ArrayList<>();
      LongStream.of(dataset.getDimensionsAsLong()).forEach(shape::add);
      if (isOfMatlab(dataset)) {
        Collections.reverse(shape);
      }
      return shape;
    }

    private static String typeName(Dataset dataset) {
      return Hdf5Numbers.type(dataset).map(ElementType::displayName).orElse("another layout");
    }
  }

  /** The datasets as layers, named by their paths without the first slash. */
  public static ActivationSet open(Path file) {
    UnchangedFile watched = UnchangedFile.since(file);
    Hdf5Listing listing = read(file);
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
  public static Hdf5Listing read(Path file) {
    Hdf5Listing listing = reading(file, hdf -> of(hdf, file));
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
          return isOfMatlab(dataset) ? Shapes.reversed(tensor) : tensor;
        });
  }

  private static void requireHonest(Dataset dataset, long[] shape, Path file, String source) {
    long bytes = dataset.getSizeInBytes();
    if (bytes < 0 || bytes / MOST_THAT_FILTERS_CAN > InputFiles.size(file)) {
      throw new PalimpsestException(
          "%s claims the shape %s, %s bytes, in a file of %s: it is damaged or harmful."
              .formatted(source, Arrays.toString(shape), bytes, InputFiles.size(file)));
    }
  }

  private static INDArray tensor(Hdf5Numbers.Numbers numbers, long[] shape, String source) {
    int count = numbers.count();
    if (count != Arrays.stream(shape).reduce(1, Math::multiplyExact)) {
      throw new PalimpsestException(
          "%s of the shape %s holds %s values: it is damaged."
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
          "%s cannot be read as HDF5: it is damaged, or uses what is not read%s."
              .formatted(file, Hdf5Children.reason(failure)),
          failure);
    }
  }

  /**
   * One array of a file, unread.
   *
   * @param name its name or path
   * @param shape its extents, samples first
   * @param type the type of its elements, such as {@code float32}
   */
  public record StoredArray(String name, List<Long> shape, String type) {

    public StoredArray {
      shape = List.copyOf(shape);
    }
  }
}
