package org.palimpsest.examples;

import org.palimpsest.reproduction.commands.TrainingDynamicsCommand;

/**
 * When does which layer of a network reach what it is at the end of training? {@code --help} tells
 * the options.
 */
public final class TrainingDynamics {

  private TrainingDynamics() {}

  public static void main(String[] arguments) {
    TrainingDynamicsCommand.main(arguments);
  }
}
