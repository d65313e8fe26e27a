package org.palimpsest.reproduction.trained;

import org.palimpsest.io.runs.RunRole;

/**
 * Where a run is kept, and what it says of itself there.
 *
 * @param name its folder, such as {@code random/seed0}
 * @param role what it is an example of
 */
public record NamedRun(String name, RunRole role) {}
