package org.palimpsest.io.internal.nifti;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Elements;

/** A NIfTI volume in one file, packed with gzip or not. */
public final class NiftiFile {

  private static final long MOST_THAT_DEFLATE_CAN = 1040;
  private static final int INFLATED_AT_ONCE = 1 << 16;

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
    return with(file, (start, in, packed) -> read(start, in, file, packed));
  }

  /** Work on an unpacked file. */
  interface Reading<T> {
    /**
     * @param start its first bytes, up to {@link NiftiHeader#LONGEST} of them
     * @param in what follows
     */
    T of(byte[] start, InputStream in, boolean packed) throws IOException;
  }

  static <T> T with(Path file, Reading<T> work) {
    InputFiles.require(file);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
      raw.mark(2);
      boolean packed = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      InputStream in = packed ? new Gunzip(raw, INFLATED_AT_ONCE) : raw;
      return work.of(in.readNBytes(NiftiHeader.LONGEST), in, packed);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  static InputStream whole(byte[] start, InputStream in) {
    return new SequenceInputStream(new ByteArrayInputStream(start), in);
  }

  private static INDArray read(byte[] start, InputStream in, Path file, boolean packed)
      throws IOException {
    String source = file.toString();
    NiftiHeader header = NiftiHeader.parse(start, source);
    requireSize(header, file, packed);
    InputStream all = whole(start, in);
    all.skipNBytes(header.dataOffset());
    INDArray voxels = Elements.read(all, header.type(), header.order(), header.voxels(), source);
    if (packed) {
      finish(in, file);
    }
    INDArray volume = voxels.reshape('c', shape(header));
    NiftiHeader.Scaling scaling = header.scaling();
    return scaling.isNone() ? volume : volume.muli(scaling.slope()).addi(scaling.intercept());
  }

  static void requireSize(NiftiHeader header, Path file, boolean packed) {
    long needed = Math.addExact(header.dataOffset(), header.voxels() * header.type().size());
    long size = InputFiles.size(file);
    if (packed ? needed / MOST_THAT_DEFLATE_CAN > size : needed > size) {
      throw new PalimpsestException(
          "%s is truncated or damaged: extents %s of %s need %d bytes, the file has %d."
              .formatted(file, header.extents(), header.type().displayName(), needed, size));
    }
  }

  /** The checksum of gzip comes after the last byte; extensions may stand before it. */
  static void finish(InputStream in, Path file) throws IOException {
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
