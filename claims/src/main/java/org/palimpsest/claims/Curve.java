package org.palimpsest.claims;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How well a run did over its training, to be drawn.
 *
 * @param panel which picture it belongs to
 * @param arm what it started from
 * @param run its name
 * @param scores by step
 */
public record Curve(String panel, String arm, String run, SortedMap<Long, Double> scores) {

  public Curve {
    scores = new TreeMap<>(scores);
  }
}
