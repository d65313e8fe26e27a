package org.palimpsest.io.internal.pytorch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.palimpsest.io.internal.pickle.Global;
import org.palimpsest.io.internal.pickle.Opaque;
import org.palimpsest.io.internal.pickle.PyDict;
import org.palimpsest.io.internal.pickle.PyNone;
import org.palimpsest.io.internal.pickle.PyTuple;

/**
 * A module as {@code torch.save(model)} writes it: its class and its attributes, without its code.
 *
 * @param path its path below what holds the weights, empty for that itself
 * @param first the path under which the same module came first, where it has several
 * @param type its class, such as {@code torch.nn.modules.conv.Conv2d}
 * @param settings attributes that are numbers, truth values, texts or lists of these
 * @param isLeaf whether no modules are in it
 * @param additions what Python would run when it is called beside the method of its class: hooks,
 *     and a {@code forward} of its own
 */
public record PickledModule(
    String path,
    String first,
    String type,
    Map<String, Object> settings,
    boolean isLeaf,
    List<String> additions) {

  /** Hooks of PyTorch's that put weights together of parts, which is done when they are read. */
  private static final String OF_WEIGHTS = "torch.nn.utils.";

  private static final List<String> HOOKS = List.of("_forward_pre_hooks", "_forward_hooks");

  public PickledModule {
    settings = Map.copyOf(settings);
    additions = List.copyOf(additions);
  }

  static PickledModule of(String path, String first, String type, PyDict state) {
    Map<String, Object> settings = new LinkedHashMap<>();
    state
        .named()
        .forEach((name, value) -> plain(value).ifPresent(setting -> settings.put(name, setting)));
    boolean isLeaf = !(state.get("_modules") instanceof PyDict below) || below.size() == 0;
    return new PickledModule(path, first, type, settings, isLeaf, additions(state));
  }

  private static Optional<Object> plain(Object value) {
    if (value instanceof Number || value instanceof Boolean || value instanceof String) {
      return Optional.of(value);
    }
    List<?> items = value instanceof PyTuple tuple ? tuple.items() : List.of();
    items = value instanceof List<?> list ? list : items;
    boolean numbers = !items.isEmpty() && items.stream().allMatch(Number.class::isInstance);
    return numbers ? Optional.of(List.copyOf(items)) : Optional.empty();
  }

  private static List<String> additions(PyDict state) {
    Set<String> names = new LinkedHashSet<>();
    for (String kind : HOOKS) {
      for (Object hook : values(state.get(kind))) {
        String name = name(hook);
        if (!name.startsWith(OF_WEIGHTS)) {
          names.add("the hook " + name);
        }
      }
    }
    if (state.get("forward") != PyNone.NONE) {
      names.add("a forward of its own");
    }
    return List.copyOf(names);
  }

  private static List<Object> values(Object dictionary) {
    List<Object> values = new ArrayList<>();
    if (dictionary instanceof PyDict hooks) {
      values.addAll(hooks.named().values());
      hooks.unnamed().forEach(entry -> values.add(entry.getValue()));
    }
    return values;
  }

  private static String name(Object hook) {
    if (hook instanceof Global function) {
      return function.path();
    }
    return hook instanceof Opaque object ? object.type() : "of a kind that is not known";
  }
}
