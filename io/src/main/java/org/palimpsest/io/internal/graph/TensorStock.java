package org.palimpsest.io.internal.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.text.Suggestions;

/**
 * The tensors of a file, with a record of which of them a network took: what is left over within
 * the network means that the network was not understood.
 */
public final class TensorStock {

  private static final int MOST_NAMED = 6;

  private final String source;
  private final Map<String, StoredTensor> tensors;
  private final Set<String> taken = new LinkedHashSet<>();

  private TensorStock(String source, Map<String, StoredTensor> tensors) {
    this.source = source;
    this.tensors = tensors;
  }

  /**
   * @param source the file, for messages
   * @param tensors by their names in it
   */
  public static TensorStock of(String source, Map<String, StoredTensor> tensors) {
    return new TensorStock(source, new LinkedHashMap<>(tensors));
  }

  /** Whether there is such a tensor, taken or not. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** The names of all tensors, in the order of the file. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  /**
   * The shape of a tensor, without taking it.
   *
   * @throws PalimpsestException if there is none
   */
  public List<Long> shape(String name) {
    return find(name).shape();
  }

  /**
   * Takes a tensor of whatever shape.
   *
   * @throws PalimpsestException if there is none
   */
  public StoredTensor take(String name) {
    StoredTensor tensor = find(name);
    taken.add(name);
    return tensor;
  }

  /**
   * Takes a tensor.
   *
   * @throws PalimpsestException if there is none, or it has another shape
   */
  public StoredTensor take(String name, long... shape) {
    StoredTensor tensor = take(name);
    List<Long> expected = Arrays.stream(shape).boxed().toList();
    if (!tensor.shape().equals(expected)) {
      throw new PalimpsestException(
          "%s: tensor '%s' has the shape %s where the network needs %s."
              .formatted(source, name, tensor.shape(), expected));
    }
    return tensor;
  }

  /** Counts a tensor as used which the network has and does not run. */
  public void setAside(String name) {
    find(name);
    taken.add(name);
  }

  private StoredTensor find(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new PalimpsestException(
          "%s has no tensor '%s', which the network needs. Nearest: %s."
              .formatted(
                  source, name, String.join(", ", Suggestions.nearest(name, tensors.keySet()))));
    }
    return tensor;
  }

  /** The tensors that nothing took, in the order of the file. */
  public List<String> leftOver() {
    List<String> names = new ArrayList<>(tensors.keySet());
    names.removeAll(taken);
    return names;
  }

  /**
   * Makes sure that all tensors of the network were taken.
   *
   * @param prefix what the names of its tensors begin with, or empty
   * @return the tensors outside of it that nothing took
   * @throws PalimpsestException if some within it were not
   */
  public List<String> requireAllTaken(String prefix) {
    List<String> left = leftOver();
    List<String> within = left.stream().filter(name -> name.startsWith(prefix)).toList();
    if (!within.isEmpty()) {
      throw new PalimpsestException(
          "%s holds %s tensors that this network has no place for: %s. It is another network than was described."
              .formatted(source, within.size(), some(within)));
    }
    return left;
  }

  private static String some(List<String> names) {
    return names.size() <= MOST_NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, MOST_NAMED)) + " …";
  }
}
