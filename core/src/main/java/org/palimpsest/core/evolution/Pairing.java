package org.palimpsest.core.evolution;

/**
 * Two checkpoints that a view holds against each other.
 *
 * @param view which view asks
 * @param a the first
 * @param b the second
 * @param allLayers all pairs of layers, instead of layers of the same name alone
 */
public record Pairing(StudyView view, Moment a, Moment b, boolean allLayers) {}
