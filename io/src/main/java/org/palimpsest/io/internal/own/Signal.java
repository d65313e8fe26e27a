package org.palimpsest.io.internal.own;

import org.palimpsest.io.internal.graph.Value;

/**
 * What a step gives: images of so many channels.
 *
 * @param channels which the weights of later steps must fit
 */
record Signal(Value value, long channels) {

  Signal with(Value result) {
    return new Signal(result, channels);
  }
}
