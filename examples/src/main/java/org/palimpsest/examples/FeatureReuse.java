package org.palimpsest.examples;

import org.palimpsest.reproduction.commands.FeatureReuseCommand;

/**
 * Which layers of a U-Net are reused when it is fine-tuned on another task? Draws the README's
 * picture. {@code --help} tells the options.
 */
public final class FeatureReuse {

  private FeatureReuse() {}

  public static void main(String[] arguments) {
    FeatureReuseCommand.main(arguments);
  }
}
