package org.palimpsest.examples;

import org.palimpsest.reproduction.commands.ReproduceAllCommand;

/**
 * Trains the networks of the reproduction's plan and judges the paper's claims on them. {@code
 * --help} tells the options.
 */
public final class ReproduceAll {

  private ReproduceAll() {}

  public static void main(String[] arguments) {
    ReproduceAllCommand.main(arguments);
  }
}
