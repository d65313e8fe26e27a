package org.palimpsest.reproduction.experiment;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.Backend;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;

/** Images as what networks take: one tensor of the shape (n, 1, [d,] h, w). */
public final class ImageTensor {

  private ImageTensor() {}

  public static INDArray of(List<LabelledImage> images) {
    Backend.require();
    Raster first = images.get(0).image();
    float[] values = new float[images.size() * first.size()];
    for (int i = 0; i < images.size(); i++) {
      images.get(i).image().copyTo(values, i * first.size());
    }
    LongStream grid = Arrays.stream(first.extents()).asLongStream();
    long[] shape = LongStream.concat(LongStream.of(images.size(), 1), grid).toArray();
    return Nd4j.create(values, shape, DataType.FLOAT);
  }
}
