package org.palimpsest.io.internal.pytorch;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyTuple;

/** Counts the tensors and lone storages below values that give them no names. */
final class NamelessTensors {

  /** Modules may refer to all others; so as not to look through a network a thousand times. */
  private static final int MOST_VISITS = 5_000_000;

  private final String source;
  private final Set<TensorRef> read = new HashSet<>();
  private int visits;

  NamelessTensors(String source, Collection<NamedTensors.Found> named) {
    this.source = source;
    named.forEach(found -> read.add(found.tensor()));
  }

  /** How many there are. */
  long all(Object value) {
    return count(value, false);
  }

  /** How many there are that are not read under a name as well. */
  long unread(Object value) {
    return count(value, true);
  }

  /** Whether there was more to look through than is looked through. */
  boolean gaveUp() {
    return visits >= MOST_VISITS;
  }

  private long count(Object root, boolean unreadAlone) {
    if (!isContainer(root) && !isTensor(root)) {
      return 0;
    }
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> waiting = new ArrayDeque<>(List.of(root));
    long count = 0;
    while (!waiting.isEmpty() && visits < MOST_VISITS) {
      visits++;
      Object value = TorchObjects.resolved(waiting.pop(), source);
      if (isTensor(value)) {
        count += value instanceof TensorRef tensor && unreadAlone && read.contains(tensor) ? 0 : 1;
      } else if (isContainer(value) && seen.add(value)) {
        within(value, waiting);
      }
    }
    return count;
  }

  private static boolean isTensor(Object value) {
    return value instanceof TensorRef
        || value instanceof UnreadableTensor
        || value instanceof StorageRef;
  }

  private static boolean isContainer(Object value) {
    return value instanceof PyDict
        || value instanceof PyTuple
        || value instanceof List<?>
        || value instanceof Opaque;
  }

  private void within(Object container, Deque<Object> waiting) {
    if (container instanceof PyDict dict) {
      dict.named().values().forEach(inner -> push(inner, waiting));
      dict.unnamed().stream().map(Map.Entry::getValue).forEach(inner -> push(inner, waiting));
    } else if (container instanceof PyTuple tuple) {
      tuple.items().forEach(inner -> push(inner, waiting));
    } else if (container instanceof List<?> list) {
      list.forEach(inner -> push(inner, waiting));
    } else if (container instanceof Opaque object) {
      push(object.items(), waiting);
      push(object.state(), waiting);
      object.others().forEach(inner -> push(inner, waiting));
    }
  }

  private static void push(Object inner, Deque<Object> waiting) {
    if (isTensor(inner) || isContainer(inner)) {
      waiting.push(inner);
    }
  }
}
