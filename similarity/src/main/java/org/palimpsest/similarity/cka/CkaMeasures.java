package org.palimpsest.similarity.cka;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** This package's part of the catalogue. */
public final class CkaMeasures {

  private CkaMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(
        MeasureEntry.of("linear_cka", LinearCka::new),
        MeasureEntry.of("debiased_linear_cka", DebiasedLinearCka::new),
        MeasureEntry.of(
            "minibatch_cka",
            "B, the number of samples in a batch (256)",
            parameters -> {
              parameters.requireAtMost(1);
              return new MinibatchCka(parameters.whole(0, 256, 4, Integer.MAX_VALUE));
            }));
  }
}
