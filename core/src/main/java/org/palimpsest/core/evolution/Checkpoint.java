package org.palimpsest.core.evolution;

import java.util.OptionalDouble;

/**
 * A network as it was at one moment of its training.
 *
 * @param step how many steps the optimiser had made
 * @param location where the network is kept, in the words of whoever opens it: for an importer of
 *     files, a path
 * @param score how well it did then, such as its Dice coefficient, if anyone measured that
 */
public record Checkpoint(long step, String location, OptionalDouble score) {}
