package org.palimpsest.similarity.matching;

import java.util.Optional;
import org.palimpsest.core.measure.Preparation;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.UnitColumns;
import org.palimpsest.similarity.internal.pairwise.SampleChecks;

/** Centres the features and divides each by its norm. */
record ColumnStandardising() implements Preparation<StandardisedColumns> {

  private static final int FEWEST_SAMPLES = 3;

  @Override
  public StandardisedColumns prepare(Representation representation) {
    SampleChecks.requireSamples(
        representation.info(), FEWEST_SAMPLES, "over two samples every correlation is 1 or -1");
    UnitColumns columns = UnitColumns.of(representation);
    return new StandardisedColumns(representation.info(), columns.matrix(), columns.dead());
  }

  @Override
  public Optional<PreparedFormat<StandardisedColumns>> format() {
    return Optional.of(new StandardisedColumns.Format());
  }
}
