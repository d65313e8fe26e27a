package org.palimpsest.io.internal.pickle;

/**
 * A class or function that a pickle names. It is a name and nothing else: it is never looked up.
 *
 * @param module such as {@code torch._utils}
 * @param name such as {@code _rebuild_tensor_v2}
 */
public record Global(String module, String name) {

  public String path() {
    return module + "." + name;
  }
}
