package org.palimpsest.io.internal.volume;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One thing that is done to a case before a network sees it. */
public sealed interface VolumeStep
    permits Transposition,
        NonzeroCrop,
        Normalising,
        NormalisingOfVersion1,
        Resampling,
        MonaiOrientation,
        MonaiSpacing,
        MonaiForeground,
        MonaiIntensity {

  /**
   * Does it.
   *
   * @return what was done, with all parameters, for the record
   * @throws org.palimpsest.core.PalimpsestException if it cannot be done with this case
   */
  ObjectNode apply(VolumeCase volume);

  /** The beginning of what {@link #apply} gives back. */
  static ObjectNode record(String step) {
    return JsonNodeFactory.instance.objectNode().put("step", step);
  }
}
