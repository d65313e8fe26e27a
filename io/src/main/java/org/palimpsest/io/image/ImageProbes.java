package org.palimpsest.io.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.probe.FingerprintDigest;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.tensor.TensorReader;
import org.palimpsest.core.tensor.TensorWriter;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.palimpsest.internal.file.UnchangedFile;
import org.palimpsest.io.internal.binary.Allocation;

/**
 * Images (PNG, TIFF, GIF, JPEG) or NIfTI volumes as probes, read when they are asked for: shape
 * {@code (n, channels, h, w)} or {@code (n, 1, d, h, w)}, float32, in the order of the files'
 * names. If one changes meanwhile, the next batch is an error.
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
    return open(source, FileGlobs.all(), preprocessing);
  }

  /**
   * Opens the chosen images or volumes of a folder.
   *
   * @param globs which files, by name; each must match one
   * @throws PalimpsestException as {@link #open(Path, Preprocessing)}
   */
  public static ImageProbes open(Path source, FileGlobs globs, Preprocessing preprocessing) {
    List<Path> files =
        FileKind.of(source) == FileKind.FOLDER ? images(source, globs) : List.of(source);
    if (files.isEmpty()) {
      throw new PalimpsestException(source + " holds no image and no volume.");
    }
    List<UnchangedFile> watched = files.stream().map(UnchangedFile::since).toList();
    long[] one = ImageReading.read(files.get(0), preprocessing).shape();
    long[] shape = new long[one.length + 1];
    shape[0] = files.size();
    System.arraycopy(one, 0, shape, 1, one.length);
    FingerprintDigest digest = new FingerprintDigest(shape);
    for (Path file : files) {
      digest.add(read(file, preprocessing, one));
    }
    watched.forEach(UnchangedFile::require);
    return new ImageProbes(files, watched, preprocessing, shape, digest.finish());
  }

  /**
   * The chosen images and volumes of a folder, by name.
   *
   * @throws PalimpsestException if a glob matches none of them
   */
  public static List<Path> files(Path folder, FileGlobs globs) {
    return images(folder, globs);
  }

  private static List<Path> images(Path folder, FileGlobs globs) {
    List<Path> all = images(folder);
    globs.requireEachMatches(folder, all);
    return all.stream().filter(globs::chooses).toList();
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
    INDArray image = ImageReading.read(file, preprocessing);
    if (!Arrays.equals(image.shape(), expected)) {
      throw new PalimpsestException(
          "%s comes out in the shape %s, those before it in %s. Resize them to one size, or give the channels."
              .formatted(file, Arrays.toString(image.shape()), Arrays.toString(expected)));
    }
    return image;
  }

  /** What should be known of how the files were read. */
  public List<String> notes() {
    long inverted = files.stream().filter(ImageProbes::whiteIsZero).count();
    return inverted == 0
        ? List.of()
        : List.of(
            "%d of %d images store white as zero (PhotometricInterpretation 0): their numbers are turned over, so that black is zero"
                .formatted(inverted, files.size()));
  }

  private static boolean whiteIsZero(Path file) {
    try {
      return FileKind.of(file) == FileKind.TIFF && TiffHeader.ofTiff(file).whiteIsZero();
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
  }

  /** The files, in order. */
  public List<Path> files() {
    return files;
  }

  /** What is done to each, for the record. */
  public Preprocessing preprocessing() {
    return preprocessing;
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
}
