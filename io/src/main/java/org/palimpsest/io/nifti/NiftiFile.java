package org.palimpsest.io.nifti;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.io.binary.Elements;
import org.palimpsest.io.file.InputFiles;

/** A NIfTI volume in one file, packed with gzip or not. */
public final class NiftiFile {

  private static final long MOST_THAT_DEFLATE_CAN = 1040;

  private NiftiFile() {}

  /**
   * Reads the voxels, scaled as the header says (slope and intercept).
   *
   * @return axes in C order, that is {@code (z, y, x)}, with time and the like before them; axes of
   *     extent 1 beyond the third are dropped
   * @throws PalimpsestException if it is no NIfTI file, is damaged or truncated, or of a type that
   *     is not read
   */
  public static INDArray read(Path file) {
    InputFiles.require(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      return packed ? read(new GZIPInputStream(raw), file, true) : read(raw, file, false);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  private static INDArray read(InputStream in, Path file, boolean packed) throws IOException {
    String source = file.toString();
    byte[] start = in.readNBytes(NiftiHeader.LONGEST);
    NiftiHeader header = NiftiHeader.parse(start, source);
    requireSize(header, file, packed);
    InputStream all = new SequenceInputStream(new ByteArrayInputStream(start), in);
    all.skipNBytes(header.dataOffset());
    INDArray voxels = Elements.read(all, header.type(), header.order(), header.voxels(), source);
    if (packed) {
      finish(in, file);
    }
    INDArray volume = voxels.reshape('c', shape(header));
    return header.isScaled() ? volume.muli(header.slope()).addi(header.intercept()) : volume;
  }

  private static void requireSize(NiftiHeader header, Path file, boolean packed) {
    long needed = Math.addExact(header.dataOffset(), header.voxels() * header.type().size());
    long size = InputFiles.size(file);
    if (packed ? needed / MOST_THAT_DEFLATE_CAN > size : needed > size) {
      throw new PalimpsestException(
          "%s is truncated or damaged: extents %s of %s need %d bytes, the file has %d."
              .formatted(file, header.extents(), header.type().displayName(), needed, size));
    }
  }

  /** The checksum of gzip comes after the last byte; extensions may stand before it. */
  private static void finish(InputStream in, Path file) throws IOException {
    byte[] rest = new byte[1 << 16];
    int limit = 1 << 10;
    while (in.read(rest) >= 0) {
      limit--;
      if (limit == 0) {
        throw new PalimpsestException(file + " goes on long after its voxels: it is damaged.");
      }
    }
  }

  private static long[] shape(NiftiHeader header) {
    List<Long> extents = new ArrayList<>(header.extents());
    while (extents.size() > 3 && extents.get(extents.size() - 1) == 1) {
      extents.remove(extents.size() - 1);
    }
    long[] shape = new long[extents.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = extents.get(shape.length - 1 - i);
    }
    return shape;
  }
}
