package org.palimpsest.core.evolution;

import java.util.Optional;

/**
 * Where the measurements of a moment came from.
 *
 * @param run its run
 * @param checkpoint its step, place and score
 * @param hash the hash of its content, empty if it could not be read
 * @param problem why it gives no measurements, if it does not
 */
public record CheckpointRecord(
    TrainingRun run, Checkpoint checkpoint, String hash, Optional<String> problem) {}
