package org.palimpsest.reproduction.training.torchscript;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One module of a network: the class that its code is in, and what that class's attributes hold.
 *
 * @param type the name of its class in the archive's code
 * @param attributes by name, in order: a {@link Slot}, a {@link ScriptModule} or an {@link Integer}
 */
public record ScriptModule(String type, Map<String, Object> attributes) {

  public ScriptModule {
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /** A module without attributes. */
  public static ScriptModule of(String type) {
    return new ScriptModule(type, Map.of());
  }

  public ScriptModule with(String name, Slot slot) {
    return withAttribute(name, slot);
  }

  public ScriptModule with(String name, ScriptModule child) {
    return withAttribute(name, child);
  }

  public ScriptModule with(String name, int value) {
    return withAttribute(name, value);
  }

  private ScriptModule withAttribute(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(attributes);
    more.put(name, value);
    return new ScriptModule(type, more);
  }

  /** A module right below this one. */
  public ScriptModule child(String name) {
    if (attributes.get(name) instanceof ScriptModule child) {
      return child;
    }
    throw new IllegalArgumentException(type + " has no module " + name);
  }

  /** All tensors of this module and those below it by their paths, such as {@code enc1.weight}. */
  public Map<String, Slot> slots() {
    Map<String, Slot> slots = new LinkedHashMap<>();
    collect("", slots);
    return slots;
  }

  private void collect(String prefix, Map<String, Slot> slots) {
    attributes.forEach(
        (name, value) -> {
          if (value instanceof Slot slot) {
            slots.put(prefix + name, slot);
          } else if (value instanceof ScriptModule child) {
            child.collect(prefix + name + ".", slots);
          }
        });
  }
}
