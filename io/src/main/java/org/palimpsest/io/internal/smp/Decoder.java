package org.palimpsest.io.internal.smp;

import java.util.List;
import org.palimpsest.io.internal.graph.Value;
import org.palimpsest.io.internal.nn.Scope;

/** What makes one map of an encoder's features. */
@FunctionalInterface
interface Decoder {

  /**
   * @param decoder its place
   * @param features the images and what the stages of the encoder give, the largest first
   */
  Value apply(Scope decoder, List<Value> features);
}
