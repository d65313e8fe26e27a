package org.palimpsest.similarity.weights;

import java.util.OptionalDouble;

/** Takes named figures and leaves out those that are not defined. */
@FunctionalInterface
interface FigureSink {

  void add(String statistic, double value);

  default void addIfPresent(String statistic, OptionalDouble value) {
    value.ifPresent(present -> add(statistic, present));
  }
}
