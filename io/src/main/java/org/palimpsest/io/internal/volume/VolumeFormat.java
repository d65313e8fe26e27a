package org.palimpsest.io.internal.volume;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.io.internal.image.PlanarImage;
import org.palimpsest.io.internal.nifti.Affine;
import org.palimpsest.io.internal.nifti.NiftiVolume;

/** How images become arrays: which axis comes first, and what is taken for their spacing. */
public enum VolumeFormat {
  /** nnU-Net's {@code SimpleITKIO}: axes z, y, x as in the file, directions passed over. */
  SIMPLE_ITK("SimpleITKIO"),
  /** nnU-Net's {@code NibabelIO}: the same, of three axes alone. */
  NIBABEL("NibabelIO"),
  /** nnU-Net's {@code NibabelIOWithReorient}: turned to right, front, above before that. */
  NIBABEL_TURNED("NibabelIOWithReorient"),
  /**
   * nnU-Net's {@code NaturalImage2DIO}: PNG, BMP and TIFF images of one, three or four channels.
   */
  NATURAL_IMAGE("NaturalImage2DIO"),
  /** As MONAI's {@code LoadImage}: axes x, y, z. */
  MONAI("MONAI's LoadImage"),
  /** The same where no axis of a file is taken for channels. */
  MONAI_WITHOUT_CHANNELS("MONAI's LoadImage");

  private static final double FAR = 999;
  private static final double SAME = 1e-5;
  private static final double ALMOST_NONE = 1e-8;
  private static final double TURNED = 1e-3;

  private final String tool;

  VolumeFormat(String tool) {
    this.tool = tool;
  }

  /** Whether files are read as MONAI does. */
  public boolean isMonai() {
    return this == MONAI || this == MONAI_WITHOUT_CHANNELS;
  }

  /** What the tool calls it. */
  public String tool() {
    return tool;
  }

  /**
   * The reader that a plan names.
   *
   * @throws PalimpsestException if it is none of these
   */
  public static VolumeFormat named(String name, String source) {
    for (VolumeFormat format : values()) {
      if (!format.isMonai() && format.tool.equals(name)) {
        return format;
      }
    }
    throw new PalimpsestException(
        "%s has its images read by '%s', which is not known here; SimpleITKIO, NibabelIO, NibabelIOWithReorient and NaturalImage2DIO are."
            .formatted(source, name));
  }

  /** A file as an array: its channels on one grid. */
  public record Read(Geometry geometry, float[][] channels, List<String> notes) {}

  /** The grid of a file and how many channels it has, without its voxels. */
  public record Outline(Geometry geometry, int channels) {}

  /**
   * Reads a file.
   *
   * @throws PalimpsestException if it is damaged, or of another kind than this reads
   */
  public Read read(Path file) {
    if (this == NATURAL_IMAGE) {
      PlanarImage image = PlanarImage.read(requireImage(file));
      return new Read(planar(image.height(), image.width()), image.channels(), List.of());
    }
    NiftiVolume volume = requireReadable(NiftiVolume.open(requireVolume(file)));
    List<String> notes = new ArrayList<>();
    Geometry stored = stored(volume);
    double angle = stored.affine().obliqueness();
    if (angle > 1) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s lies oblique, by %.1f degrees; %s",
              file,
              angle,
              "voxels stay on their own grid"));
    }
    Geometry geometry = placed(volume, stored);
    Regrid regrid = regrid(volume, stored);
    float[][] channels = this == SIMPLE_ITK ? volume.readAsItk() : volume.read();
    for (int channel = 0; channel < channels.length; channel++) {
      channels[channel] = regrid.of(channels[channel]);
    }
    return new Read(geometry, channels, notes);
  }

  /** What a file would be read as. */
  public Outline outline(Path file) {
    if (this == NATURAL_IMAGE) {
      Read image = read(file);
      return new Outline(image.geometry(), image.channels().length);
    }
    NiftiVolume volume = requireReadable(NiftiVolume.open(requireVolume(file)));
    return new Outline(placed(volume, stored(volume)), volume.images());
  }

  private Path requireVolume(Path file) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    if (kind != FileKind.NIFTI) {
      throw new PalimpsestException(
          "%s is %s; %s reads NIfTI volumes (.nii, .nii.gz) here. Convert it, such as with SimpleITK or dcm2niix."
              .formatted(file, kind.describe(file), tool));
    }
    return file;
  }

  private Path requireImage(Path file) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    if (kind != FileKind.PNG && kind != FileKind.TIFF && kind != FileKind.BMP) {
      throw new PalimpsestException(
          "%s is %s; %s reads PNG, TIFF and BMP images here. Convert it to PNG."
              .formatted(file, kind.describe(file), tool));
    }
    return file;
  }

  private NiftiVolume requireReadable(NiftiVolume volume) {
    if (this == SIMPLE_ITK) {
      requireItk(volume);
    } else {
      requireNibabel(volume);
    }
    boolean packedByName = volume.file().toString().toLowerCase(Locale.ROOT).endsWith(".gz");
    boolean unpackable = this == SIMPLE_ITK && packedByName; // zlib hands on what is not packed
    if (volume.isPacked() != packedByName && !unpackable) {
      throw new PalimpsestException(
          "%s is %s, and %s, which goes by the name, refuses it. Rename it."
              .formatted(
                  volume.file(),
                  packedByName
                      ? "called .gz and not packed with gzip"
                      : "packed with gzip and not called .gz",
                  tool));
    }
    return volume;
  }

  private void requireItk(NiftiVolume volume) {
    if (!volume.isOrthogonal()) {
      throw new PalimpsestException(
          "%s has axes that do not stand at right angles to each other (%s), which ITK and so nnU-Net's %s refuse. Resample it beforehand."
              .formatted(volume.file(), volume.affine(), tool));
    }
    if (volume.version() != 1 || volume.axes() == 1) {
      throw new PalimpsestException(
          "%s is %s, which ITK and so nnU-Net's %s do not read. Save it as NIfTI-1 of two or three axes, as nnU-Net was given it."
              .formatted(
                  volume.file(), volume.version() == 1 ? "of one axis" : "a NIfTI-2 file", tool));
    }
  }

  private void requireNibabel(NiftiVolume volume) {
    if (!volume.isSpacingFinite()) {
      throw new PalimpsestException(
          "%s has a distance of voxels in its header (pixdim) that is no number, with which nibabel and so %s go on. Mend it."
              .formatted(volume.file(), tool));
    }
    if (volume.isTurnedByTooMuch()) {
      throw new PalimpsestException(
          "%s has a quaternion in its header that is longer than 1 and so no rotation, which nibabel and so %s refuse. Mend quatern_b, quatern_c and quatern_d."
              .formatted(volume.file(), tool));
    }
    if (!isMonai() && volume.axes() != Geometry.AXES) {
      throw new PalimpsestException(
          "%s has %s axes; %s reads images of three."
              .formatted(volume.file(), volume.axes(), tool));
    }
    if (this == MONAI_WITHOUT_CHANNELS && volume.axes() != Geometry.AXES) {
      throw new PalimpsestException(
          "%s has %s axes, all of which EnsureChannelFirst with channel_dim \"no_channel\" takes for the image's own; images of three are prepared here. Leave channel_dim out if the last is that of channels."
              .formatted(volume.file(), volume.axes()));
    }
    if (isMonai() && (volume.axes() < Geometry.AXES || volume.axes() > Geometry.AXES + 1)) {
      throw new PalimpsestException(
          "%s has %s axes; volumes of three are prepared here, several along a fourth at most."
              .formatted(volume.file(), volume.axes()));
    }
  }

  private static Geometry planar(int height, int width) {
    return Geometry.of(
        new int[] {1, height, width}, new double[] {FAR, 1, 1}, Affine.ofSpacing(FAR, 1, 1));
  }

  /** With the axes z, y, x, as they lie in the file. */
  private Geometry stored(NiftiVolume volume) {
    Affine affine = isMonai() ? volume.affineOfMonai() : volume.affine();
    int[] extents = volume.extents();
    double[] spacing = volume.spacing();
    return Geometry.of(
        new int[] {extents[2], extents[1], extents[0]},
        new double[] {spacing[2], spacing[1], spacing[0]},
        affine.permuted(2, 1, 0));
  }

  private Geometry placed(NiftiVolume volume, Geometry stored) {
    double[] spacing = stored.spacingArray();
    return switch (this) {
      case SIMPLE_ITK -> {
        for (int axis = 0; axis < spacing.length; axis++) {
          spacing[axis] *= volume.unit();
        }
        if (volume.axes() == 2) {
          spacing[0] = Math.max(spacing[1], spacing[2]) * FAR;
        }
        yield Geometry.of(stored.extentArray(), spacing, stored.affine());
      }
      case NIBABEL_TURNED -> turned(volume, stored);
      case MONAI, MONAI_WITHOUT_CHANNELS -> {
        Affine affine = stored.affine().permuted(2, 1, 0);
        double[] lengths = {affine.spacing(0), affine.spacing(1), affine.spacing(2)};
        yield Geometry.of(volume.extents(), lengths, affine);
      }
      default -> stored;
    };
  }

  private Regrid regrid(NiftiVolume volume, Geometry stored) {
    return switch (this) {
      case NIBABEL_TURNED -> turn(volume, stored);
      case MONAI, MONAI_WITHOUT_CHANNELS ->
          Regrid.permuted(stored.extentArray(), new int[] {2, 1, 0});
      default -> Regrid.permuted(stored.extentArray(), new int[] {0, 1, 2});
    };
  }

  /** The axes of the file that go to above, front and right. */
  private static int[] axesToTurn(int[] orientation) {
    int[] axes = new int[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      axes[Geometry.AXES - Math.abs(orientation[axis])] = axis;
    }
    return axes;
  }

  private static Regrid turn(NiftiVolume volume, Geometry stored) {
    int[] orientation = stored.affine().orientation(volume.file().toString());
    int[] axes = axesToTurn(orientation);
    Regrid turn = Regrid.permuted(stored.extentArray(), axes);
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      turn = orientation[axes[axis]] < 0 ? turn.flipped(axis) : turn;
    }
    return turn;
  }

  private static Geometry turned(NiftiVolume volume, Geometry stored) {
    int[] orientation = stored.affine().orientation(volume.file().toString());
    int[] axes = axesToTurn(orientation);
    Regrid turn = turn(volume, stored);
    Affine affine = stored.affine().permuted(axes);
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      affine = orientation[axes[axis]] < 0 ? affine.flipped(axis, turn.extents()[axis]) : affine;
    }
    if (Arrays.equals(orientation, new int[] {3, 2, 1})) {
      return stored;
    }
    double[] spacing = new double[Geometry.AXES];
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      double exact = affine.spacing(axis);
      spacing[axis] = volume.version() == 1 ? (float) exact : exact; // as nibabel writes it anew
    }
    return Geometry.of(turn.extents(), spacing, affine);
  }

  /**
   * Reads the channels of a case, one after the other, and its mask.
   *
   * @param notes what should be known of them is added
   * @throws PalimpsestException if they are not on one grid, or hold what is no finite number
   */
  public VolumeCase read(String name, List<Path> files, Optional<Path> mask, List<String> notes) {
    List<float[]> channels = new ArrayList<>();
    Read first = read(files.get(0));
    notes.addAll(first.notes());
    channels.addAll(Arrays.asList(first.channels()));
    for (Path file : files.subList(1, files.size())) {
      Read next = read(file);
      requireSameGrid(files.get(0), first.geometry(), file, next.geometry(), notes);
      requireSamePlace(files.get(0), first.geometry(), file, next.geometry());
      channels.addAll(Arrays.asList(next.channels()));
    }
    short[] labels = mask.isEmpty() ? null : labels(mask.get(), files.get(0), first, notes);
    VolumeCase read =
        new VolumeCase(name, first.geometry(), channels.toArray(new float[0][]), labels);
    read.firstNotFinite()
        .ifPresent(
            at -> {
              throw notFinite(read, files, at[0], at[1]);
            });
    return read;
  }

  private static PalimpsestException notFinite(
      VolumeCase read, List<Path> files, int channel, int at) {
    int row = read.geometry().extent(2);
    int line = at / row;
    Path file = files.get(files.size() == read.channels() ? channel : 0);
    return new PalimpsestException(
        "%s holds %s at [%s, %s, %s]; remove it or mend the file."
            .formatted(
                file,
                read.channel(channel)[at],
                line / read.geometry().extent(1),
                line % read.geometry().extent(1),
                at % row));
  }

  private short[] labels(Path mask, Path image, Read first, List<String> notes) {
    Read read = read(mask);
    requireSameGrid(image, first.geometry(), mask, read.geometry(), notes);
    requireSameDirections(image, first.geometry(), mask, read.geometry());
    if (read.channels().length != 1) {
      throw new PalimpsestException(
          "%s has %s channels; a mask of labels has one.".formatted(mask, read.channels().length));
    }
    float[] values = read.channels()[0];
    short[] labels = new short[values.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = (short) values[i];
      if (labels[i] != values[i] || labels[i] < 0) {
        throw new PalimpsestException(
            "%s holds %s, which is no label: labels are integers from 0 to 32767. Is it an image?"
                .formatted(mask, values[i]));
      }
    }
    return labels;
  }

  private static void requireSameGrid(
      Path file, Geometry one, Path otherFile, Geometry other, List<String> notes) {
    if (!one.extents().equals(other.extents())) {
      throw new PalimpsestException(
          "%s has the extents %s and %s %s: files of one case need the same."
              .formatted(file, one.extents(), otherFile, other.extents()));
    }
    for (int axis = 0; axis < Geometry.AXES; axis++) {
      double a = one.spacing().get(axis);
      if (Math.abs(a - other.spacing().get(axis)) > SAME * a) {
        throw new PalimpsestException(
            "%s has the spacing %s and %s %s: files of one case need the same."
                .formatted(file, one.spacing(), otherFile, other.spacing()));
      }
    }
    if (one.turnedFrom(other) >= TURNED || one.movedFrom(other) >= 1) {
      notes.add(
          "%s and %s lie at different places, which is passed over".formatted(file, otherFile));
    }
  }

  /** MONAI joins files to one image only if their affines are equal. */
  private void requireSamePlace(Path file, Geometry one, Path otherFile, Geometry other) {
    if (!isMonai()) {
      return;
    }
    for (int direction = 0; direction < Geometry.AXES; direction++) {
      boolean same = isClose(one.affine().origin(direction), other.affine().origin(direction));
      for (int axis = 0; axis < Geometry.AXES; axis++) {
        double step = one.affine().step(direction, axis);
        same &= isClose(step, other.affine().step(direction, axis));
      }
      if (!same) {
        throw new PalimpsestException(
            "%s and %s lie at different places or in different directions, which %s refuses for files of one case. Store them on one grid."
                .formatted(file, otherFile, tool));
      }
    }
  }

  /** As NumPy's {@code allclose} has it. */
  private static boolean isClose(double a, double b) {
    return Math.abs(a - b) <= ALMOST_NONE + SAME * Math.abs(b);
  }

  /** MONAI turns a mask by its own affine, and here it is turned as its image is. */
  private void requireSameDirections(Path image, Geometry one, Path mask, Geometry other) {
    if (isMonai() && one.turnedFrom(other) >= TURNED) {
      throw new PalimpsestException(
          "%s and its mask %s are stored in different directions, and a mask is turned as its image is. Store both alike."
              .formatted(image, mask));
    }
  }
}
