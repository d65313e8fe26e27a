package org.palimpsest.io.internal.keras;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.ElementType;
import org.palimpsest.io.internal.binary.Shapes;
import org.palimpsest.io.internal.graph.Storage;
import org.palimpsest.io.internal.graph.StoredTensor;
import org.palimpsest.io.internal.hdf5.Hdf5Children;
import org.palimpsest.io.internal.hdf5.Hdf5File;
import org.palimpsest.io.internal.hdf5.Hdf5Numbers;
import org.palimpsest.io.internal.hdf5.Hdf5Texts;
import org.palimpsest.io.internal.hdf5.OpaqueNumbers;

/**
 * The arrays and texts of an HDF5 file.
 *
 * <p>The whole tree is looked at before anything is read of it: sizes against the size of the file,
 * links, depth and number of its parts. Numbers are read when they are needed, as float32.
 */
final class Hdf5Tree implements AutoCloseable {

  private static final int DEEPEST = 64;
  private static final int MOST_NODES = 200_000;

  private final String source;
  private final long bytes;
  private final HdfFile file;
  private final Map<String, StoredTensor> arrays = new LinkedHashMap<>();
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final List<String> unread = new ArrayList<>();
  private long claimed;

  private Hdf5Tree(Path path, String source) {
    this.source = source;
    this.bytes = InputFiles.size(path);
    this.file = Hdf5File.open(path);
  }

  /**
   * Opens a file.
   *
   * @param source what to call it in messages
   * @throws PalimpsestException if it is damaged
   */
  static Hdf5Tree open(Path path, String source) {
    return guarded(
        source,
        () -> {
          Hdf5Tree tree = new Hdf5Tree(path, source);
          try {
            tree.visit(tree.file, "", 0);
            return tree;
          } catch (RuntimeException | StackOverflowError | OutOfMemoryError failure) {
            tree.file.close();
            throw failure;
          }
        });
  }

  /** jHDF believes lengths, so it may have run out of memory. */
  private static <T> T guarded(String source, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (PalimpsestException clear) {
      throw clear;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError damage) {
      throw new PalimpsestException(
          "%s is not an HDF5 file, or is truncated or damaged (%s)."
              .formatted(source, damage.getMessage()),
          damage);
    }
  }

  private void visit(Group group, String path, int depth) {
    if (depth > DEEPEST || groups.size() + arrays.size() > MOST_NODES) {
      throw refused(
          "it holds more than %s groups and arrays, or %s within each other"
              .formatted(MOST_NODES, DEEPEST));
    }
    groups.put(path, group);
    Hdf5Children children = Hdf5Children.of(file, group);
    children
        .unread()
        .forEach(
            (name, why) -> {
              if (children.opaque().containsKey(name)) {
                visit(children.opaque().get(name), joined(path, name));
              } else {
                unread.add("%s (%s)".formatted(joined(path, name), why));
              }
            });
    for (Map.Entry<String, Node> child : children.nodes().entrySet()) {
      String inner = joined(path, child.getKey());
      Node node = child.getValue();
      if (node.isLink()) {
        throw refused("'%s' is a link to somewhere else".formatted(inner));
      }
      if (node instanceof Group within) {
        visit(within, inner, depth + 1);
      } else if (node instanceof Dataset dataset) {
        visit(dataset, inner);
      }
    }
  }

  static String joined(String path, String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  /** Keras keeps bfloat16 as pairs of bytes without a meaning. */
  private void visit(OpaqueNumbers numbers, String path) {
    String name = "'%s' in %s".formatted(path, source);
    claimed += numbers.bytes();
    Shapes.requireRank(numbers.shape().size(), "Array " + name);
    if (claimed > bytes) {
      throw refused("'%s' does not fit into its %s bytes".formatted(path, bytes));
    }
    Storage storage =
        new Storage() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public long bytes() {
            return Float.BYTES * numbers.count();
          }

          @Override
          public InputStream open() {
            return guarded(name, () -> new ByteArrayInputStream(numbers.bfloat16AsFloats()));
          }
        };
    arrays.put(path, StoredTensor.contiguous(storage, ElementType.FLOAT32, numbers.shape()));
  }

  private void visit(Dataset dataset, String path) {
    long size = Hdf5Numbers.storedBytes(file, dataset, "'%s' in %s".formatted(path, source));
    long elements = dataset.getSize();
    claimed += size;
    if (size < 0 || elements < 0 || elements > bytes || claimed > bytes) {
      throw refused(
          "'%s' of the shape %s does not fit into its %s bytes"
              .formatted(path, Arrays.toString(dataset.getDimensions()), bytes));
    }
    Optional<String> why = dataset.isScalar() ? Optional.empty() : Hdf5Numbers.whyUnread(dataset);
    Optional<ElementType> type = Hdf5Numbers.type(dataset);
    if (why.isPresent() || type.isEmpty()) {
      unread.add("%s (%s)".formatted(path, why.orElse("another layout of numbers")));
      return;
    }
    List<Long> shape = LongStream.of(dataset.getDimensionsAsLong()).boxed().toList();
    Shapes.requireRank(shape.size(), "Array '%s' in %s".formatted(path, source));
    arrays.put(
        path,
        StoredTensor.contiguous(
            new Numbers("'%s' in %s".formatted(path, source), file, dataset),
            ElementType.FLOAT32,
            shape));
  }

  private PalimpsestException refused(String why) {
    return new PalimpsestException("%s is refused: %s.".formatted(source, why));
  }

  String source() {
    return source;
  }

  /** Arrays by their paths, without the first slash. */
  Map<String, StoredTensor> arrays() {
    return arrays;
  }

  /** What cannot be read, each with the reason. */
  List<String> unread() {
    return unread;
  }

  boolean hasGroup(String path) {
    return groups.containsKey(path);
  }

  boolean hasAttribute(String path, String name) {
    return groups.containsKey(path) && group(path).getAttribute(name) != null;
  }

  private Group group(String path) {
    Group group = groups.get(path);
    if (group == null) {
      throw new PalimpsestException("%s has no group '%s'.".formatted(source, path));
    }
    return group;
  }

  /** A text of a group. */
  Optional<String> text(String path, String name) {
    return guarded(
        source,
        () -> {
          Attribute attribute = group(path).getAttribute(name);
          return attribute != null && Hdf5Texts.data(file, attribute) instanceof String text
              ? Optional.of(text)
              : Optional.empty();
        });
  }

  /**
   * A list of texts of a group. Long ones are split over attributes with numbers behind the name.
   *
   * @throws PalimpsestException if there is none
   */
  List<String> texts(String path, String name) {
    return guarded(
        source,
        () -> {
          if (hasAttribute(path, name)) {
            return texts(group(path).getAttribute(name), path);
          }
          List<String> all = new ArrayList<>();
          int part = 0;
          while (hasAttribute(path, name + part)) {
            all.addAll(texts(group(path).getAttribute(name + part), path));
            part++;
          }
          if (part == 0) {
            throw new PalimpsestException(
                "%s: group '%s' has no attribute '%s'.".formatted(source, path, name));
          }
          return all;
        });
  }

  private List<String> texts(Attribute attribute, String path) {
    if (attribute.isEmpty() || attribute.getSize() == 0) {
      return List.of();
    }
    Object data = Hdf5Texts.data(file, attribute);
    if (data instanceof String text) {
      return List.of(text);
    }
    if (data instanceof String[] texts) {
      return List.of(texts);
    }
    throw new PalimpsestException(
        "%s: attribute '%s' of group '%s' is no list of names."
            .formatted(source, attribute.getName(), path));
  }

  @Override
  public void close() {
    file.close();
  }

  /** The numbers of a dataset as little-endian float32. */
  private static final class Numbers implements Storage {

    private final String name;
    private final HdfFile file;
    private final Dataset dataset;

    Numbers(String name, HdfFile file, Dataset dataset) {
      this.name = name;
      this.file = file;
      this.dataset = dataset;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long bytes() {
      return Float.BYTES * dataset.getSize();
    }

    @Override
    public InputStream open() throws IOException {
      return guarded(name, () -> new ByteArrayInputStream(floats()));
    }

    private byte[] floats() {
      if (dataset.isScalar()) {
        return little(1).putFloat(alone(dataset.getData())).array();
      }
      Hdf5Numbers.Numbers numbers = Hdf5Numbers.read(file, dataset, name);
      if (!numbers.type().isFloating()) {
        throw new PalimpsestException(
            "%s holds integers (%s) where weights are expected: is the network quantised?"
                .formatted(name, numbers.type().displayName()));
      }
      ByteBuffer floats = little(numbers.count());
      for (int i = 0; i < numbers.count(); i++) {
        floats.putFloat((float) numbers.get(i));
      }
      return floats.array();
    }

    /** jHDF gives truth values by their names. */
    private float alone(Object value) {
      if (value instanceof Number number) {
        return number.floatValue();
      }
      return switch (String.valueOf(value)) {
        case "TRUE" -> 1;
        case "FALSE" -> 0;
        default -> throw new PalimpsestException(name + " is no number: " + value);
      };
    }

    private static ByteBuffer little(int count) {
      return ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, count))
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
