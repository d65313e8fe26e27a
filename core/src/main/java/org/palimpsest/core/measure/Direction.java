package org.palimpsest.core.measure;

/**
 * Whether a larger value of a measure means that two layers are more alike, or less.
 *
 * <p>Tables, pictures and the search for a layer in another network ({@link
 * org.palimpsest.core.comparison.SimilarityMatrix#identification}) read values by it, so that
 * nothing has to know measures by name. It says nothing of the scale: a distance of 0.2 by one
 * measure and of 0.2 by another are different things.
 */
public enum Direction {
  /** Larger values mean more alike; equal layers have the greatest value, 1 for nearly all. */
  SIMILARITY,
  /** Larger values mean less alike; equal layers have the value 0. */
  DISTANCE
}
