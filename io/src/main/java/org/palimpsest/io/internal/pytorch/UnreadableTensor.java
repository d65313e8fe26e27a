package org.palimpsest.io.internal.pytorch;

/**
 * A tensor of a kind that cannot be read.
 *
 * @param reason what it is, such as {@code quantised}
 */
record UnreadableTensor(String reason) {}
