package org.palimpsest.similarity.weights;

/**
 * A tensor or layer that a computation did not use.
 *
 * @param name its name
 * @param reason why, in a whole sentence
 */
public record LeftOut(String name, String reason) {}
