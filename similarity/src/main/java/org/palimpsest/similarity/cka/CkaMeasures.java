package org.palimpsest.similarity.cka;

import java.util.List;
import org.palimpsest.similarity.catalogue.MeasureEntry;

/** This package's part of the catalogue. */
public final class CkaMeasures {

  private CkaMeasures() {}

  public static List<MeasureEntry> entries() {
    return List.of(MeasureEntry.of("linear_cka", LinearCka::new));
  }
}
