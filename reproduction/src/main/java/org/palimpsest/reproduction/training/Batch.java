package org.palimpsest.reproduction.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;
import org.palimpsest.reproduction.images.LabelledImage;
import org.palimpsest.reproduction.images.Raster;

/** Images and masks as tensors of the shape (n, 1, [d,] h, w). */
record Batch(NDArray images, NDArray masks) {

  static Batch of(List<LabelledImage> images, NDManager manager) {
    return new Batch(
        tensor(images, LabelledImage::image, manager),
        tensor(images, LabelledImage::mask, manager));
  }

  private static NDArray tensor(
      List<LabelledImage> images, Function<LabelledImage, Raster> part, NDManager manager) {
    Raster first = part.apply(images.get(0));
    float[] values = new float[images.size() * first.size()];
    for (int i = 0; i < images.size(); i++) {
      part.apply(images.get(i)).copyTo(values, i * first.size());
    }
    int[] extents = first.extents();
    long[] shape = new long[extents.length + 2];
    shape[0] = images.size();
    shape[1] = 1;
    for (int axis = 0; axis < extents.length; axis++) {
      shape[axis + 2] = extents[axis];
    }
    return manager.create(values, new Shape(shape));
  }
}
