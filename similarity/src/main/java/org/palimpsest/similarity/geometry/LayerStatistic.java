package org.palimpsest.similarity.geometry;

import java.io.IOException;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.Representation;

/**
 * One number that says something of a whole layer.
 *
 * @param info its layer, shape and probes
 * @param value the number
 */
record LayerStatistic(Representation.Info info, double value) implements Prepared {
  /** As plain numbers. */
  static final class Format implements PreparedFormat<LayerStatistic> {

    @Override
    public void write(LayerStatistic prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeDouble(prepared.value);
    }

    @Override
    public LayerStatistic read(PreparedInput in) throws IOException {
      return new LayerStatistic(in.readInfo(), in.readDouble());
    }
  }
}
