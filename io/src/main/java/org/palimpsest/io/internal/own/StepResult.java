package org.palimpsest.io.internal.own;

import org.palimpsest.io.internal.graph.Value;

/**
 * What a step gives: images of so many channels.
 *
 * @param channels which the weights of later steps must fit
 */
record StepResult(Value value, long channels) {

  StepResult with(Value result) {
    return new StepResult(result, channels);
  }
}
