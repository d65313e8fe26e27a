package org.palimpsest.io.image;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.internal.tensor.TensorReader;
import org.palimpsest.core.internal.tensor.TensorWriter;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.Allocation;
import org.palimpsest.io.internal.image.Picture;
import org.palimpsest.io.internal.image.PictureReader;
import org.palimpsest.io.internal.image.TiffHeader;
import org.palimpsest.io.internal.nifti.NiftiFile;

/**
 * Images (PNG, TIFF, GIF, JPEG) or NIfTI volumes as probes, read when they are asked for: shape
 * {@code (n, channels, h, w)} or {@code (n, 1, d, h, w)}, float32, in the order of the files'
 * names. If one changes meanwhile, the next batch is an error.
 *
 * <p>Pixels are what the file holds: palettes are resolved, transparency is left out, a colour
 * profile is not applied. What tools read in different ways is an error, such as an image that is
 * to be turned (EXIF), several images in one file, a TIFF of unusual depth, or pixels that are
 * missing. Volumes have one channel and are not resized; for cases with their network's own
 * preparation see {@link org.palimpsest.io.volume.PatchSet}.
 *
 * <p>Opening decodes each file once, for the fingerprint, and each batch decodes its own again.
 *
 * <pre>{@code
 * Probes probes =
 *     ImageProbes.open(
 *         Path.of("images"),
 *         List.of("case_*.png", "!*_mask.png"),
 *         Preprocessing.none().withChannels(1).withSize(128, 128).with(Normalisation.STANDARDISE));
 * }</pre>
 *
 * <p>Memory holds one batch. Safe to use from several threads.
 */
public final class ImageProbes implements Probes {

  private final List<Path> files;
  private final List<UnchangedFile> watched;
  private final Preprocessing preprocessing;
  private final long[] shape;
  private final Fingerprint fingerprint;

  private ImageProbes(
      List<Path> files,
      List<UnchangedFile> watched,
      Preprocessing preprocessing,
      long[] shape,
      Fingerprint fingerprint) {
    this.files = files;
    this.watched = watched;
    this.preprocessing = preprocessing;
    this.shape = shape;
    this.fingerprint = fingerprint;
  }

  /**
   * Opens a folder of images or volumes, or one of them, and reads each once for the fingerprint.
   *
   * @param source a folder, whose other files are passed over, or a file
   * @param preprocessing what is done to each
   * @throws PalimpsestException if there is none, one is damaged, or they come out in different
   *     shapes
   */
  public static ImageProbes open(Path source, Preprocessing preprocessing) {
    return open(source, List.of(), preprocessing);
  }

  /**
   * Opens the chosen images or volumes of a folder.
   *
   * @param globs globs for names of files, without their folders: {@code *} stands for anything,
   *     {@code ?} for one character, {@code [0-9]} for one of these, <code>{a,b}</code> for one of
   *     those; a glob after {@code !} leaves files out. With no other than such, all that is not
   *     left out is chosen, and all with none. Each must match a file
   * @throws PalimpsestException as {@link #open(Path, Preprocessing)}, and if a glob is malformed
   *     or matches no file
   */
  public static ImageProbes open(Path source, List<String> globs, Preprocessing preprocessing) {
    List<Path> files =
        FileKind.of(source) == FileKind.FOLDER ? files(source, globs) : List.of(source);
    if (files.isEmpty()) {
      throw new PalimpsestException(source + " holds no image and no volume.");
    }
    List<UnchangedFile> watched = files.stream().map(UnchangedFile::since).toList();
    long[] one = read(files.get(0), preprocessing).shape();
    long[] shape = new long[one.length + 1];
    shape[0] = files.size();
    System.arraycopy(one, 0, shape, 1, one.length);
    Fingerprint.Digest digest = new Fingerprint.Digest(shape);
    for (Path file : files) {
      digest.add(read(file, preprocessing, one));
    }
    watched.forEach(UnchangedFile::require);
    return new ImageProbes(files, watched, preprocessing, shape, digest.finish());
  }

  /**
   * The chosen images and volumes of a folder, by name.
   *
   * @param globs as for {@link #open(Path, List, Preprocessing)}
   * @throws PalimpsestException if a glob is malformed or matches none of them
   */
  public static List<Path> files(Path folder, List<String> globs) {
    FileGlobs chosen = FileGlobs.of(globs);
    List<Path> all = images(folder);
    chosen.requireEachMatches(folder, all);
    return all.stream().filter(chosen::chooses).toList();
  }

  private static List<Path> images(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Files.isRegularFile(file) && FileKind.of(file).isImage())
          .sorted((a, b) -> InputFiles.name(a).compareTo(InputFiles.name(b)))
          .toList();
    } catch (IOException failure) {
      throw InputFiles.unreadable(folder, failure);
    }
  }

  private static INDArray read(Path file, Preprocessing preprocessing, long[] expected) {
    INDArray image = read(file, preprocessing);
    if (!Arrays.equals(image.shape(), expected)) {
      throw new PalimpsestException(
          "%s comes out in the shape %s, those before it in %s. Resize them to one size, or give the channels."
              .formatted(file, Arrays.toString(image.shape()), Arrays.toString(expected)));
    }
    return image;
  }

  /**
   * What should be known of how the files were read, such as how many were turned over from white
   * to black. Reads the header of each.
   */
  public List<String> notes() {
    long inverted = files.stream().filter(TiffHeader::whiteIsZero).count();
    return inverted == 0
        ? List.of()
        : List.of(
            "%s of %s images store white as zero (PhotometricInterpretation 0): their numbers are turned over, so that black is zero"
                .formatted(inverted, files.size()));
  }

  /** The files, in order. */
  public List<Path> files() {
    return files;
  }

  @Override
  public long count() {
    return files.size();
  }

  @Override
  public long[] shape() {
    return shape.clone();
  }

  @Override
  public INDArray batch(long from, long to) {
    long[] one = Arrays.copyOfRange(shape, 1, shape.length);
    long[] some = shape.clone();
    some[0] = to - from;
    TensorWriter writer = Allocation.tensor("A batch of images", DataType.FLOAT, some);
    long position = 0;
    for (int i = Math.toIntExact(from); i < to; i++) {
      INDArray image = read(files.get(i), preprocessing, one);
      watched.get(i).require();
      double[] values = new double[Math.toIntExact(image.length())];
      TensorReader.of(image).read(0, values);
      writer.write(position, values, values.length);
      position += values.length;
    }
    return writer.tensor();
  }

  @Override
  public Fingerprint fingerprint() {
    return fingerprint;
  }

  private static final int VOLUME_RANK = 3;

  /** Shape (channels, h, w) of an image, (1, d, h, w) of a volume; float32. */
  private static INDArray read(Path file, Preprocessing preprocessing) {
    FileKind kind = FileKind.of(InputFiles.require(file));
    return switch (kind) {
      case NIFTI -> volume(file, preprocessing);
      case PNG, TIFF, GIF, JPEG, BMP -> image(file, preprocessing);
      default ->
          throw new PalimpsestException(
              "%s is %s, not an image or a volume.".formatted(file, kind.describe(file)));
    };
  }

  private static INDArray image(Path file, Preprocessing preprocessing) {
    Picture picture = PictureReader.read(file);
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

  /** Chooses files of a folder by name. */
  static final class FileGlobs {

    private static final String EXCEPT = "!";

    private record Glob(String text, PathMatcher matcher) {

      static Glob of(String text) {
        try {
          return new Glob(text, FileSystems.getDefault().getPathMatcher("glob:" + text));
        } catch (PatternSyntaxException malformed) {
          throw new PalimpsestException(
              "'%s' is no glob for names of files: %s.".formatted(text, malformed.getDescription()),
              malformed);
        }
      }
    }

    private final List<Glob> wanted = new ArrayList<>();
    private final List<Glob> unwanted = new ArrayList<>();

    private FileGlobs(List<String> texts) {
      for (String text : texts) {
        if (text.startsWith(EXCEPT)) {
          unwanted.add(Glob.of(text.substring(EXCEPT.length())));
        } else {
          wanted.add(Glob.of(text));
        }
      }
    }

    /**
     * Chooses what matches one glob at least, and none of those after {@code !}.
     *
     * @param globs in any order; none chooses all
     * @throws PalimpsestException if one of them is malformed, such as a bracket that is not closed
     */
    static FileGlobs of(List<String> globs) {
      return new FileGlobs(globs);
    }

    boolean chooses(Path file) {
      Path name = file.getFileName();
      return (wanted.isEmpty() || wanted.stream().anyMatch(g -> g.matcher().matches(name)))
          && unwanted.stream().noneMatch(glob -> glob.matcher().matches(name));
    }

    /**
     * Checks that no glob is in vain.
     *
     * @throws PalimpsestException if one matches none of these files, naming some of them
     */
    void requireEachMatches(Path folder, List<Path> files) {
      List<Glob> all = new ArrayList<>(wanted);
      all.addAll(unwanted);
      for (Glob glob : all) {
        if (files.stream().noneMatch(file -> glob.matcher().matches(file.getFileName()))) {
          List<String> some =
              files.stream().limit(5).map(file -> String.valueOf(file.getFileName())).toList();
          throw new PalimpsestException(
              "No image in %s is called '%s'. There are %s: %s%s."
                  .formatted(
                      folder,
                      glob.text(),
                      files.size(),
                      String.join(", ", some),
                      files.size() > some.size() ? ", …" : ""));
        }
      }
    }
  }
}
