package org.palimpsest.core.evolution;

import java.util.Optional;

/**
 * Where the measurements of a moment came from, and what is wrong with those that gave none. A
 * checkpoint that cannot be read does not end a study: the table has it with its problem.
 *
 * @param run its run
 * @param checkpoint its step, place and score
 * @param hash the hash of its content, empty if it could not be read; equal hashes are one network
 * @param problem why it gives no measurements, if it does not, in whole sentences
 * @see EvolutionTable#broken()
 */
public record CheckpointRecord(
    TrainingRun run, Checkpoint checkpoint, String hash, Optional<String> problem) {}
