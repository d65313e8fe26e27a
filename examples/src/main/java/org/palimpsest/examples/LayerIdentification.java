package org.palimpsest.examples;

import org.palimpsest.reproduction.commands.LayerIdentificationCommand;

/**
 * Can measures of similarity find the same layer in a network that was started differently? {@code
 * --help} tells the options.
 */
public final class LayerIdentification {

  private LayerIdentification() {}

  public static void main(String[] arguments) {
    LayerIdentificationCommand.main(arguments);
  }
}
