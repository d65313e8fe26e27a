package org.palimpsest.io.npy;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.tensor.TensorReader;

/** One layer's array while it grows in a temporary file, as the NPY file that it will be. */
final class SpooledArray {

  private final String layer;
  private final Path file;
  private final long[] shape;
  private final DataType type;
  private final CRC32 crc = new CRC32();
  private long rows;
  private long notFinite;

  private SpooledArray(String layer, Path file, long[] shape, DataType type) {
    this.layer = layer;
    this.file = file;
    this.shape = shape;
    this.type = type;
  }

  /**
   * Begins an array.
   *
   * @param first its first rows
   * @param rows how many it will have
   */
  static SpooledArray begin(String layer, Path file, INDArray first, long rows) throws IOException {
    long[] shape = first.shape().clone();
    shape[0] = rows;
    SpooledArray array =
        new SpooledArray(layer, file, shape, TensorReader.readableType(first.dataType()));
    byte[] header = NpyEncoder.header(array.type, shape);
    array.crc.update(header);
    Files.write(file, header, StandardOpenOption.CREATE_NEW);
    return array;
  }

  void append(INDArray batch, long firstSample) throws IOException {
    boolean sameFeatures =
        Arrays.equals(shape, 1, shape.length, batch.shape(), 1, Math.max(1, batch.rank()));
    if (!sameFeatures || rows != firstSample || rows + batch.size(0) > shape[0]) {
      throw new PalimpsestException(
          ("Layer '%s' gives %s for the probes from number %d on, after %d rows of the shape %s."
                  + " Such a layer cannot be captured: leave it out.")
              .formatted(layer, Arrays.toString(batch.shape()), firstSample, rows, featureShape()));
    }
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.APPEND))) {
      notFinite +=
          NpyEncoder.writeElements(
              TensorReader.of(batch.castTo(type)),
              batch.length(),
              new CheckedOutputStream(out, crc));
    }
    rows += batch.size(0);
  }

  /** How many of its values are NaN or infinite. */
  long notFinite() {
    return notFinite;
  }

  void requireWhole() {
    if (rows != shape[0]) {
      throw new PalimpsestException(
          "Layer '%s' gave %d rows for %d probes: its first dimension is not the samples'. Leave it out."
              .formatted(layer, rows, shape[0]));
    }
  }

  /** Puts the array into an archive, uncompressed, and deletes the temporary file. */
  void moveInto(ZipOutputStream zip) throws IOException {
    ZipEntry entry = new ZipEntry(layer + ".npy");
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(Files.size(file));
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(NpzActivationWriter.NO_TIME);
    zip.putNextEntry(entry);
    Files.copy(file, zip);
    zip.closeEntry();
    Files.delete(file);
  }

  private String featureShape() {
    return Arrays.toString(Arrays.copyOfRange(shape, 1, shape.length));
  }
}
