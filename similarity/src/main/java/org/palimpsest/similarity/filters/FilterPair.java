package org.palimpsest.similarity.filters;

/**
 * Two filters and how near they are.
 *
 * @param a index of the filter among the first layer's
 * @param b index of the filter among the second layer's
 * @param value the similarity or distance, as the {@link FilterProximity} says
 */
public record FilterPair(int a, int b, double value) {}
