package org.palimpsest.core.measure;

import org.palimpsest.core.representation.RepresentationInfo;

/** A representation made ready for comparisons: centred, whitened, ranked, whatever it takes. */
public interface Prepared {

  /** What it was made of: layer, samples, features, probes. */
  RepresentationInfo info();

  /** About how many bytes it takes in memory. */
  default long bytes() {
    return info().samples() * info().features() * Double.BYTES;
  }
}
