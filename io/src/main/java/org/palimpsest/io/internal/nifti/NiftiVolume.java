package org.palimpsest.io.internal.nifti;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.binary.Elements;

/**
 * A NIfTI file with the place of its voxels: one image, or several of equal extents one after the
 * other.
 */
public final class NiftiVolume {

  private final Path file;
  private final NiftiHeader header;
  private final int[] extents;
  private final int images;
  private final boolean packed;

  private NiftiVolume(Path file, Start start, int[] extents, int images) {
    this.file = file;
    this.header = start.header();
    this.packed = start.packed();
    this.extents = extents;
    this.images = images;
  }

  /** What the first bytes of a file tell. */
  private record Start(NiftiHeader header, boolean packed) {}

  /**
   * Reads the header alone.
   *
   * @throws PalimpsestException if it is no NIfTI file, holds more than images of three axes one
   *     after the other, or one that is too large
   */
  public static NiftiVolume open(Path file) {
    InputFiles.require(file);
    Start start =
        NiftiFile.with(
            file,
            (bytes, in, packed) -> new Start(NiftiHeader.parse(bytes, file.toString()), packed));
    List<Long> axes = start.header().extents();
    if (axes.subList(Math.min(4, axes.size()), axes.size()).stream().anyMatch(n -> n != 1)) {
      throw new PalimpsestException(
          "%s has the extents %s: images of three axes, several along a fourth at most, can be used."
              .formatted(file, axes));
    }
    long[] four = {1, 1, 1, 1};
    for (int axis = 0; axis < Math.min(4, axes.size()); axis++) {
      four[axis] = axes.get(axis);
    }
    if (four[0] * four[1] * four[2] > Integer.MAX_VALUE - 8) {
      throw new PalimpsestException(
          "%s has the extents %s: an image of more than 2^31 voxels is not read."
              .formatted(file, axes));
    }
    int[] extents = {(int) four[0], (int) four[1], (int) four[2]};
    return new NiftiVolume(file, start, extents, Math.toIntExact(four[3]));
  }

  public Path file() {
    return file;
  }

  /** Of x, y and z. */
  public int[] extents() {
    return extents.clone();
  }

  /** How many axes the file says that it has, those of extent 1 at the end among them. */
  public int axes() {
    return header.extents().size();
  }

  /** How many images of these extents there are. */
  public int images() {
    return images;
  }

  /** The distances of voxels along x, y and z, in the file's unit. */
  public double[] spacing() {
    return header.placement().spacing().clone();
  }

  /** Whether these are finite in the file; ITK takes 1 for others and nibabel does not. */
  public boolean isSpacingFinite() {
    return header.placement().isSpacingFinite();
  }

  /** Whether the quaternion that places its voxels, if one does, is longer than 1. */
  public boolean isTurnedByTooMuch() {
    return header.placement().isTurnedByTooMuch();
  }

  /** Of NIfTI: 1 or 2. */
  public int version() {
    return header.version();
  }

  /** Whether it is packed with gzip, whatever its name. */
  public boolean isPacked() {
    return packed;
  }

  /** How many millimetres the file's unit has. */
  public double unit() {
    return header.placement().unit();
  }

  /** Where voxel (x, y, z) lies, in millimetres to the right, the front and above. */
  public Affine affine() {
    return header.placement().affine(extents);
  }

  /**
   * Where MONAI takes voxel (x, y, z) to lie: as {@link #affine}, unless that has other distances
   * than the header tells.
   *
   * @throws PalimpsestException if MONAI fails with such a header
   */
  public Affine affineOfMonai() {
    return header
        .placement()
        .affineOfMonai(extents, axes() > 3)
        .orElseThrow(
            () ->
                new PalimpsestException(
                    "%s has the spacing %s, where its directions %s say otherwise, and its second form is no way out for MONAI. Save it anew with one of both."
                        .formatted(file, Arrays.toString(spacing()), affine())));
  }

  /**
   * Whether its axes stand at right angles to each other, for which ITK asks unless a second form
   * takes its place.
   */
  public boolean isOrthogonal() {
    return header.placement().hasQuaternion() || affine().isOrthogonal();
  }

  /**
   * Reads the voxels of all images, scaled as the header says, x varying fastest.
   *
   * @throws PalimpsestException if the file is damaged or truncated
   */
  public float[][] read() {
    return read(NiftiHeader::scaling);
  }

  /** The same, scaled as ITK does, which differs where the slope is 0 and the intercept is not. */
  public float[][] readAsItk() {
    return read(NiftiHeader::scalingOfItk);
  }

  private float[][] read(Function<NiftiHeader, NiftiHeader.Scaling> scaling) {
    return NiftiFile.with(
        file,
        (start, in, packed) -> {
          NiftiHeader again = NiftiHeader.parse(start, file.toString());
          NiftiFile.requireSize(again, file, packed);
          if (!again.extents().equals(header.extents())) {
            throw new PalimpsestException(file + " changed while it was read.");
          }
          InputStream all = NiftiFile.whole(start, in);
          all.skipNBytes(again.dataOffset());
          float[][] voxels = new float[images][];
          for (int image = 0; image < images; image++) {
            voxels[image] = new float[extents[0] * extents[1] * extents[2]];
            Elements.read(
                all,
                again.type(),
                again.order(),
                voxels[image],
                function(scaling.apply(again), file));
          }
          if (packed) {
            NiftiFile.finish(in, file);
          }
          return voxels;
        });
  }

  private static DoubleUnaryOperator function(NiftiHeader.Scaling scaling, Path file) {
    double slope = scaling.slope();
    double intercept = scaling.intercept();
    return scaling.isNone()
        ? value -> requireFloat32(value, file)
        : value -> requireFloat32(value * slope + intercept, file);
  }

  private static double requireFloat32(double value, Path file) {
    if (Float.isInfinite((float) value) && Double.isFinite(value)) {
      throw new PalimpsestException(
          "%s holds the voxel %s, beyond what float32 can hold (3.4e38). Mend or rescale it."
              .formatted(file, value));
    }
    return value;
  }

  @Override
  public String toString() {
    return file + " " + Arrays.toString(extents);
  }
}
