package org.palimpsest.io.internal.pytorch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.weights.Weights.WeightTensor.LayerKind;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.PyTuple;

/** Gathers the tensors below a value by their names: of dictionaries and of modules. */
final class NamedTensors {

  /**
   * A tensor found.
   *
   * @param tensor where its numbers are
   * @param kind what its layer is, where the file tells
   */
  record Found(TensorRef tensor, LayerKind kind) {}

  /** Where tensors may be that have no name of their own, and why they have none. */
  private record Nameless(String path, Reason reason, Object value) {}

  private enum Reason {
    LIST,
    KEY,
    OBJECT,
    ATTRIBUTE
  }

  private static final List<String> PARTS_OF_MODULES =
      List.of("_parameters", "_buffers", "_modules");
  private static final int MOST_KEYS = 8;
  private static final int MAX_DEPTH = 200;
  private static final int MAX_VISITS = 200_000;
  private static final int LONGEST_NAME = 4096;

  private final String source;
  private final Map<String, Found> tensors = new LinkedHashMap<>();
  private final List<String> leftOut = new ArrayList<>();
  private final Set<String> modules = new LinkedHashSet<>();
  private final List<PickledModule> wholeModules = new ArrayList<>();
  private final Map<PyDict, String> firstPaths = new IdentityHashMap<>();
  private final List<Nameless> nameless = new ArrayList<>();
  private boolean someAreUnreadable;
  private int visits;

  NamedTensors(String source) {
    this.source = source;
  }

  static NamedTensors below(Object root, String source) {
    NamedTensors found = new NamedTensors(source);
    found.visit("", root, LayerKind.UNKNOWN, 0);
    found.noteWhatHasNoName();
    return found;
  }

  /** Those whose names begin so, without that. */
  NamedTensors beginning(String prefix) {
    if (prefix.isEmpty()) {
      return this;
    }
    NamedTensors some = new NamedTensors(source);
    tensors.forEach(
        (name, found) -> {
          if (name.startsWith(prefix) && name.length() > prefix.length()) {
            some.tensors.put(name.substring(prefix.length()), found);
          }
        });
    leftOut.stream().filter(name -> name.startsWith(prefix)).forEach(some.leftOut::add);
    some.modules.addAll(modules);
    some.wholeModules.addAll(wholeModules);
    some.someAreUnreadable = someAreUnreadable;
    return some;
  }

  Map<String, Found> tensors() {
    return tensors;
  }

  /** What was passed over and why. */
  List<String> leftOut() {
    return leftOut;
  }

  /** Whether tensors that have names are of kinds that are not read. */
  boolean someAreUnreadable() {
    return someAreUnreadable;
  }

  /** The classes of the objects that tensors were looked for in. */
  Set<String> modules() {
    return modules;
  }

  /** The modules of Python that tensors were looked for in, each before those in it. */
  List<PickledModule> wholeModules() {
    return wholeModules;
  }

  private void visit(String path, Object value, LayerKind kind, int depth) {
    visits++;
    if (depth > MAX_DEPTH || visits > MAX_VISITS) {
      throw new PalimpsestException(
          source
              + " nests its objects deeper or more often than a network does: it is damaged or"
              + " harmful. Save the state_dict() alone.");
    }
    Object resolved = TorchObjects.resolved(value, source);
    if (resolved instanceof TensorRef tensor) {
      add(path, tensor, kind);
    } else if (resolved instanceof UnreadableTensor tensor) {
      leftOut.add(path + " (" + tensor.reason() + ")");
      someAreUnreadable = true;
    } else if (resolved instanceof StorageRef) {
      leftOut.add(path + " (a storage alone, which has no shape)");
    } else if (resolved instanceof PyDict dict) {
      dict.named()
          .forEach((name, inner) -> visit(joined(path, name, source), inner, kind, depth + 1));
      nameless.add(new Nameless(path, Reason.KEY, dict));
    } else if (resolved instanceof PyTuple || resolved instanceof List<?>) {
      nameless.add(new Nameless(path, Reason.LIST, resolved));
    } else if (resolved instanceof Opaque object) {
      visitObject(path, object, kind, depth);
    }
  }

  private void add(String path, TensorRef tensor, LayerKind kind) {
    Found before = tensors.put(path, new Found(tensor, kind));
    if (before != null && !before.tensor().equals(tensor)) {
      throw new PalimpsestException(
          ("%s holds two tensors whose names, joined by dots, are both '%.200s'. Say which entry"
                  + " holds the weights (--key on the command line), or name them otherwise.")
              .formatted(source, path));
    }
  }

  private void visitObject(String path, Opaque object, LayerKind kind, int depth) {
    visit(path, object.items(), kind, depth + 1);
    nameless.add(new Nameless(path, Reason.OBJECT, object.others()));
    if (object.state() instanceof PyDict state) {
      modules.add(object.type());
      visitModule(path, object.type(), state, depth);
    } else {
      nameless.add(new Nameless(path, Reason.OBJECT, object.state()));
    }
  }

  /** A module of Python keeps its tensors in three dictionaries, one of TorchScript in itself. */
  private void visitModule(String path, String type, PyDict state, int depth) {
    LayerKind kind = ModuleKinds.of(type);
    if (state.get("_parameters") == PyNone.NONE && state.get("_modules") == PyNone.NONE) {
      visit(path, state, kind, depth + 1);
      return;
    }
    String first = firstPaths.computeIfAbsent(state, fresh -> path);
    wholeModules.add(PickledModule.of(path, first, type, state));
    for (String part : PARTS_OF_MODULES) {
      visit(path, state.get(part), kind, depth + 1);
    }
    state
        .named()
        .forEach(
            (name, value) -> {
              if (!PARTS_OF_MODULES.contains(name)) {
                nameless.add(new Nameless(joined(path, name, source), Reason.ATTRIBUTE, value));
              }
            });
  }

  /** Tells of tensors in lists, under keys that are no text, and in objects of unknown kinds. */
  private void noteWhatHasNoName() {
    NamelessTensors counter = new NamelessTensors(source, tensors.values());
    for (Nameless place : nameless) {
      switch (place.reason) {
        case LIST -> note(place.path, counter.all(place.value), "in a list, without names");
        case OBJECT ->
            note(place.path, counter.unread(place.value), "in an object of another kind");
        case ATTRIBUTE ->
            note(place.path, counter.unread(place.value), "neither parameters nor buffers");
        case KEY -> noteKeys(place.path, (PyDict) place.value, counter);
      }
    }
    if (counter.gaveUp()) {
      leftOut.add("perhaps more (lists and objects with more in them than is looked through)");
    }
  }

  private void noteKeys(String path, PyDict dict, NamelessTensors counter) {
    List<String> keys = new ArrayList<>();
    long count = 0;
    for (Map.Entry<String, Object> entry : dict.unnamed()) {
      long below = counter.all(entry.getValue());
      count += below;
      if (below > 0) {
        keys.add(entry.getKey());
      }
    }
    int more = keys.size() - MOST_KEYS;
    String some = String.join(", ", keys.subList(0, Math.min(MOST_KEYS, keys.size())));
    note(path + "[" + some + (more > 0 ? ", …" : "") + "]", count, "under keys that are no text");
  }

  private void note(String path, long count, String where) {
    if (count > 0) {
      String name = path.isEmpty() ? "the file's content" : path;
      leftOut.add("%s (%s %s %s)".formatted(name, count, count == 1 ? "tensor" : "tensors", where));
    }
  }

  /** A name below another one; names of some kilobytes are bombs. */
  static String joined(String path, String name, String source) {
    if (path.length() + name.length() >= LONGEST_NAME) {
      throw new PalimpsestException(
          "%s gives an object a name of more than %s characters: it is damaged or harmful."
              .formatted(source, LONGEST_NAME));
    }
    return path.isEmpty() ? name : path + "." + name;
  }

  /** What kind of layer a class of PyTorch's own is. */
  private static final class ModuleKinds {

    private static final Pattern TRANSPOSED = Pattern.compile("(Lazy)?ConvTranspose[123]d");
    private static final Pattern CONVOLUTION = Pattern.compile("(Lazy)?Conv[123]d");
    private static final Pattern LINEAR =
        Pattern.compile("(Lazy)?Linear|NonDynamicallyQuantizableLinear");
    private static final Pattern NORMALISATION =
        Pattern.compile("(Lazy)?(Sync)?(Batch|Instance|Group|Layer|RMS)Norm([123]d)?");

    private ModuleKinds() {}

    /**
     * The kind of a class.
     *
     * @param path such as {@code torch.nn.modules.conv.Conv2d}, in TorchScript with {@code
     *     __torch__.} before it and perhaps {@code ___torch_mangle_3.} within
     */
    static LayerKind of(String path) {
      if (!path.contains("torch.nn.modules.")) {
        return LayerKind.UNKNOWN;
      }
      String name = path.substring(path.lastIndexOf('.') + 1);
      if (TRANSPOSED.matcher(name).matches()) {
        return LayerKind.TRANSPOSED_CONVOLUTION;
      }
      if (CONVOLUTION.matcher(name).matches()) {
        return LayerKind.CONVOLUTION;
      }
      if (LINEAR.matcher(name).matches()) {
        return LayerKind.LINEAR;
      }
      return NORMALISATION.matcher(name).matches() ? LayerKind.NORMALISATION : LayerKind.OTHER;
    }
  }

  /** Counts the tensors and lone storages below values that give them no names. */
  private static final class NamelessTensors {

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
          count +=
              value instanceof TensorRef tensor && unreadAlone && read.contains(tensor) ? 0 : 1;
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
}
