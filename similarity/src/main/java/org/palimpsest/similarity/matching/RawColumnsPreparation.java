package org.palimpsest.similarity.matching;

import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/** Takes a power of two off, so that no product overflows, and changes nothing else. */
record RawColumnsPreparation() implements Preparation<RawColumns> {

  @Override
  public RawColumns prepare(Representation representation) {
    SampleRows rows = SampleRows.of(representation);
    double scale = rows.powerOfTwoScale();
    return new RawColumns(
        representation.info(), rows.dividedBy(scale).tensor(DataType.DOUBLE), scale);
  }

  @Override
  public Optional<PreparedFormat<RawColumns>> format() {
    return Optional.of(new RawColumns.Format());
  }
}
