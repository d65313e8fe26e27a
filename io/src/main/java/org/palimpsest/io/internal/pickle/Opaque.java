package org.palimpsest.io.internal.pickle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** An object of a class that is not read: what it was made from is kept, nothing was made. */
public final class Opaque {

  private final String type;
  private final PyDict items = new PyDict();
  private final List<Object> others = new ArrayList<>();
  private Object state = PyNone.NONE;

  Opaque(String type) {
    this(type, List.of());
  }

  Opaque(String type, List<Object> arguments) {
    this.type = type;
    others.addAll(arguments);
  }

  /** The class or function that the pickle names for it. */
  public String type() {
    return type;
  }

  /** The attributes that the pickle gives it, or {@link PyNone}. */
  public Object state() {
    return state;
  }

  /** What the pickle puts into it by key, where its class is a kind of dictionary. */
  public PyDict items() {
    return items;
  }

  /** What else it was given: arguments of its making, items of a list, states before the last. */
  public List<Object> others() {
    return Collections.unmodifiableList(others);
  }

  void append(List<Object> more) {
    others.addAll(more);
  }

  void setState(Object attributes) {
    if (state != PyNone.NONE) {
      others.add(state);
    }
    state = attributes;
  }
}
