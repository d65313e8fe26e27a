package org.palimpsest.io.image;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalDouble;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.nifti.NiftiFile;

/** Reads one image or volume and prepares it for a network. */
final class ImageReading {

  private static final int VOLUME_RANK = 3;

  private ImageReading() {}

  /** Shape (channels, h, w) of an image, (1, d, h, w) of a volume; float32. */
  static INDArray read(Path file, Preprocessing preprocessing) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    return switch (kind) {
      case NIFTI -> volume(file, preprocessing);
      case PNG, TIFF, GIF, JPEG -> image(file, preprocessing);
      default ->
          throw new PalimpsestException(
              "%s is %s, not an image or a volume.".formatted(file, kind.describe(file)));
    };
  }

  private static INDArray image(Path file, Preprocessing preprocessing) {
    Picture picture = Picture.read(file);
    if (preprocessing.channels().isPresent()) {
      picture = picture.withChannels(preprocessing.channels().getAsInt());
    }
    if (preprocessing.height().isPresent()) {
      picture =
          picture.withSize(
              preprocessing.height().getAsInt(),
              preprocessing.width().orElse(preprocessing.height().getAsInt()));
    }
    double[] values = picture.values();
    scale(values, picture.greatest(), picture.channels(), preprocessing, file);
    return tensor(values, file, picture.channels(), picture.height(), picture.width());
  }

  private static INDArray volume(Path file, Preprocessing preprocessing) {
    if (preprocessing.height().isPresent() || preprocessing.channels().orElse(1) != 1) {
      throw new PalimpsestException(
          file + " is a volume: it has one channel and is not resized. Resample it beforehand.");
    }
    INDArray voxels = NiftiFile.read(file);
    if (voxels.rank() > VOLUME_RANK) {
      throw new PalimpsestException(
          "%s has the extents %s (time first); one volume of three axes is needed."
              .formatted(file, Arrays.toString(voxels.shape())));
    }
    double[] values = new double[Math.toIntExact(voxels.length())];
    TensorReader.of(voxels).read(0, values);
    scale(values, OptionalDouble.empty(), 1, preprocessing, file);
    long[] shape = new long[voxels.rank() + 1];
    shape[0] = 1;
    System.arraycopy(voxels.shape(), 0, shape, 1, voxels.rank());
    return tensor(values, file, shape);
  }

  private static void scale(
      double[] values, OptionalDouble greatest, int channels, Preprocessing rule, Path file) {
    switch (rule.normalisation()) {
      case NONE -> {}
      case UNIT ->
          shiftAndDivide(values, 0, values.length, 0, greatest.orElseThrow(() -> boundless(file)));
      case STANDARDISE -> standardise(values, file);
    }
    int size = values.length / channels;
    for (int channel = 0; channel < channels; channel++) {
      int from = channel * size;
      rule.shiftAndScale(channel, channels)
          .ifPresent(by -> shiftAndDivide(values, from, from + size, by[0], by[1]));
    }
    for (double value : values) {
      if (!Double.isFinite((float) value)) {
        throw new PalimpsestException(
            file + " holds " + value + "; remove it or mend its pre-processing.");
      }
    }
  }

  private static PalimpsestException boundless(Path file) {
    return new PalimpsestException(
        file
            + " holds numbers that have no greatest value. Standardise it, or give a mean and a"
            + " deviation.");
  }

  private static void standardise(double[] values, Path file) {
    double mean = Arrays.stream(values).average().orElse(0);
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0);
    if (!(variance > 0)) {
      throw new PalimpsestException(
          file + " has one value everywhere and cannot be standardised. Leave it out.");
    }
    shiftAndDivide(values, 0, values.length, mean, Math.sqrt(variance));
  }

  private static void shiftAndDivide(
      double[] values, int from, int to, double shift, double divisor) {
    for (int i = from; i < to; i++) {
      values[i] = (values[i] - shift) / divisor;
    }
  }

  private static INDArray tensor(double[] values, Path file, long... shape) {
    TensorWriter writer = Allocation.tensor(file.toString(), DataType.FLOAT, shape);
    writer.write(0, values, values.length);
    return writer.tensor();
  }
}
