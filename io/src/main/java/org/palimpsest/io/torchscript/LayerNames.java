package org.palimpsest.io.torchscript;

import java.util.Set;

/**
 * What recorded names are to people.
 *
 * <p>The code records {@code .enc1.conv} for a submodule, nothing for the network itself, and
 * {@code /conv2d} for an operator of a network without submodules.
 *
 * @param output what the network's own result is called
 */
public record LayerNames(String output) {

  private static final String OUTPUT = "output";

  /** Calls the network's result {@code output}, unless it has an attribute of this name. */
  static LayerNames avoiding(Set<String> attributes) {
    String name = OUTPUT;
    while (attributes.contains(name)) {
      name = "network_" + name;
    }
    return new LayerNames(name);
  }

  /** The layer's path for a recorded name. */
  public String layer(String recorded) {
    if (recorded.startsWith(".")) {
      return recorded.substring(1);
    }
    return recorded.startsWith("/") ? recorded : output + recorded;
  }
}
