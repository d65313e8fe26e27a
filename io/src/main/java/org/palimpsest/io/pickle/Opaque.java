package org.palimpsest.io.pickle;

/** An object of a class that is not read: what it was made from is kept, nothing was made. */
public final class Opaque {

  private final String type;
  private final PyDict items = new PyDict();
  private Object state = PyNone.NONE;

  Opaque(String type) {
    this.type = type;
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

  void setState(Object attributes) {
    state = attributes;
  }
}
