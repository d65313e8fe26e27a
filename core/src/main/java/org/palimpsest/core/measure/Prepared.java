package org.palimpsest.core.measure;

import java.io.Serializable;
import org.palimpsest.core.representation.RepresentationInfo;

/**
 * A representation made ready for comparisons: centred, whitened, ranked, whatever it takes.
 *
 * <p>It can be serialised, so that a study of many checkpoints can put it aside; the form is good
 * only for the version of the library that wrote it.
 */
public interface Prepared extends Serializable {

  RepresentationInfo info();

  /** About how many bytes it takes in memory. */
  default long bytes() {
    return info().samples() * info().features() * Double.BYTES;
  }
}
