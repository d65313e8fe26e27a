package org.palimpsest.similarity.matching;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.measure.PreparedInput;
import org.palimpsest.core.measure.PreparedOutput;
import org.palimpsest.core.representation.RepresentationInfo;

/**
 * A layer as it is, in float64.
 *
 * @param info its layer, shape and probes
 * @param matrix n × p, divided by {@code scale}
 * @param scale a power of two near the largest absolute value
 */
public record RawColumns(RepresentationInfo info, INDArray matrix, double scale)
    implements Prepared {
  /** As plain numbers. */
  static final class Format implements PreparedFormat<RawColumns> {

    @Override
    public void write(RawColumns prepared, PreparedOutput out) throws IOException {
      out.writeInfo(prepared.info);
      out.writeTensor(prepared.matrix);
      out.writeDouble(prepared.scale);
    }

    @Override
    public RawColumns read(PreparedInput in) throws IOException {
      return new RawColumns(in.readInfo(), in.readTensor(), in.readDouble());
    }
  }
}
