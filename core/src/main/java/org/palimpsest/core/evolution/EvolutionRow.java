package org.palimpsest.core.evolution;

import java.util.OptionalLong;

/**
 * One row of the table: one figure.
 *
 * @param view which view asked for it
 * @param runA the first run, or group of runs
 * @param stepA its step; none for a group
 * @param layerA its layer
 * @param runB the second run, or group of runs
 * @param stepB its step; none for a group
 * @param layerB its layer
 * @param measure the measure's name
 * @param figure the number, its interval, how many things it rests on
 */
public record EvolutionRow(
    StudyView view,
    String runA,
    OptionalLong stepA,
    String layerA,
    String runB,
    OptionalLong stepB,
    String layerB,
    String measure,
    Figure figure) {}
