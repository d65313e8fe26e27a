package org.palimpsest.io.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.Names;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.hdf5.Hdf5Children;
import org.palimpsest.io.internal.hdf5.Hdf5Numbers;
import org.palimpsest.io.internal.hdf5.Hdf5Texts;

/**
 * What an HDF5 file holds.
 *
 * @param arrays its datasets of numbers, in the order of the file
 * @param notes what stands under two names, and what was left out
 * @param addresses where in the file each of them is described
 */
public record Hdf5Listing(
    List<StoredArray> arrays, List<String> notes, Map<String, Long> addresses) {

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
        Hdf5Numbers.whyUnread(dataset)
            .ifPresentOrElse(
                why -> leftOut.add("%s (%s)".formatted(name, why)), () -> list(dataset, name));
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
}
