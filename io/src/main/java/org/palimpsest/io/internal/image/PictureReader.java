package org.palimpsest.io.internal.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.file.FileKind;
import org.palimpsest.internal.file.InputFiles;
import org.w3c.dom.Element;

/**
 * Reads images of PNG, GIF, JPEG, BMP and TIFF by the JDK's readers, after a look at the parts of
 * the files that these readers are known to take for something else.
 */
public final class PictureReader {

  private static final long MOST_PIXELS = 1L << 27;

  private PictureReader() {}

  /** What becomes of pixels. */
  private enum Reading {
    /** Transparency is left out, palettes become colours. */
    SHOWN,
    /** All numbers of a pixel are channels; what has none of 8 bits or more is refused. */
    STORED;

    void require(BufferedImage pixels, Path file) {
      ColorModel colours = pixels.getColorModel();
      boolean indexed = colours instanceof IndexColorModel palette && !isOfGreys(palette, file);
      boolean transparentGrey = colours.hasAlpha() && colours.getNumComponents() != 4;
      if (this == STORED
          && (indexed || transparentGrey || colours.getComponentSize(0) < Byte.SIZE)) {
        throw new PalimpsestException(
            "%s has grey values with transparency, a palette or pixels of less than 8 bits, which tools take for different channels. Save it as a grey or colour image."
                .formatted(file));
      }
    }

    /** A BMP image has a palette always; each colour may be the grey of its number. */
    private static boolean isOfGreys(IndexColorModel palette, Path file) {
      return FileKind.of(file) == FileKind.BMP
          && palette.getPixelSize() == Byte.SIZE
          && IntStream.range(0, palette.getMapSize())
              .allMatch(i -> (palette.getRGB(i) & 0xffffff) == i * 0x10101);
    }

    int bands(BufferedImage pixels) {
      boolean leftOut = this == SHOWN && pixels.getColorModel().hasAlpha();
      return pixels.getRaster().getNumBands() - (leftOut ? 1 : 0);
    }
  }

  /**
   * Reads the image of a file; transparency is left out.
   *
   * @throws PalimpsestException if it is damaged, of a form that is not read, or one that tools
   *     show in different ways
   */
  public static Picture read(Path file) {
    return read(file, Reading.SHOWN);
  }

  /**
   * Reads the image of a file whose pixels are numbers of 8 bits or more, transparency being the
   * fourth channel of colours.
   */
  static Picture readStored(Path file) {
    return read(file, Reading.STORED);
  }

  private static Picture read(Path file, Reading reading) {
    try {
      requireReadable(file);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    }
    try {
      Optional<CheckedImage> checked = checked(file);
      try (InputStream bytes = bytes(file, checked);
          ImageInputStream in = new MemoryCacheImageInputStream(bytes)) {
        return readOnly(in, file, checked, reading);
      }
    } catch (PalimpsestException failure) {
      throw failure;
    } catch (IIOException failure) {
      throw refused(file, failure);
    } catch (IOException failure) {
      throw InputFiles.unreadable(file, failure);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError failure) {
      // the readers of the JDK throw these at damaged files
      throw new PalimpsestException(
          file
              + " is a damaged image, or one of a form that is not read. Write it again, as a grey or"
              + " RGB image.",
          failure);
    }
  }

  /** What is wrong the JDK's readers tell as the reason of a reason. */
  private static PalimpsestException refused(Path file, IIOException failure) {
    String told = String.valueOf(failure.getMessage());
    for (Throwable reason = failure.getCause(); reason != null; reason = reason.getCause()) {
      if (reason instanceof EOFException early) {
        return InputFiles.unreadable(file, early);
      }
      told += reason.getMessage() == null ? "" : ": " + reason.getMessage();
    }
    return new PalimpsestException(
        "%s is a damaged image, or one of a form that is not read: %s. Write it again, as a grey or RGB image."
            .formatted(file, told.replaceFirst("[.!]$", "")),
        failure);
  }

  private static void requireReadable(Path file) throws IOException {
    if (FileKind.of(file) == FileKind.TIFF) {
      TiffHeader.ofTiff(file).requireReadable(file);
    }
  }

  private static Optional<CheckedImage> checked(Path file) throws IOException {
    return switch (FileKind.of(file)) {
      case PNG -> Optional.of(PngChunks.read(file));
      case GIF -> Optional.of(CheckedImage.GifColours.read(file));
      case JPEG -> Optional.of(CheckedImage.JpegSegments.read(file));
      case BMP -> Optional.of(CheckedImage.BmpHeader.read(file));
      default -> Optional.empty();
    };
  }

  private static InputStream bytes(Path file, Optional<CheckedImage> checked) throws IOException {
    return checked.isPresent()
        ? new ByteArrayInputStream(checked.get().needed())
        : Files.newInputStream(file);
  }

  private static Picture readOnly(
      ImageInputStream in, Path file, Optional<CheckedImage> checked, Reading reading)
      throws IOException {
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    if (!readers.hasNext()) {
      throw new PalimpsestException(file + " is no image that can be read.");
    }
    ImageReader reader = readers.next();
    try {
      reader.setInput(in);
      requireSensible(reader.getWidth(0), reader.getHeight(0), file);
      requireOneImage(reader.getNumImages(true), file);
      if (FileKind.of(file) == FileKind.GIF) {
        requireWholeScreen(reader, file);
      }
      if (checked.isPresent()) {
        checked.get().requireWholePixels();
        BufferedImage pixels = pixels(reader, file, reading);
        checked.get().colours().ifPresent(colours -> requireColours(pixels, colours, file));
        return of(pixels, file, reading);
      }
      if (FileKind.of(file) != FileKind.TIFF) {
        return of(pixels(reader, file, reading), file, reading);
      }
      TiffTags tags = TiffTags.of(reader.getImageMetadata(0), in, file);
      TiffTags.TiffSamples samples = TiffTags.TiffSamples.of(tags);
      TiffSegments.requireWhole(tags, in);
      BufferedImage pixels = pixels(reader, file, reading);
      return pixels.getColorModel() instanceof IndexColorModel && TiffTags.TiffPalette.isIn(tags)
          ? ofPalette(pixels, TiffTags.TiffPalette.of(tags))
          : withSamples(of(pixels, file, reading), samples);
    } finally {
      reader.dispose();
    }
  }

  /** What the JDK's readers warn of here are pixels that are not in the file. */
  private static BufferedImage pixels(ImageReader reader, Path file, Reading reading)
      throws IOException {
    List<String> warnings = new ArrayList<>();
    reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
    BufferedImage image = reader.read(0);
    if (!warnings.isEmpty()) {
      throw new PalimpsestException(
          "%s is truncated or damaged: %s".formatted(file, warnings.get(0)));
    }
    reading.require(image, file);
    return image;
  }

  private static void requireSensible(long width, long height, Path file) {
    // a pixel takes at least a thousandth of a byte in any of these formats
    long believable = Math.min(MOST_PIXELS, 10_000 + 1100 * InputFiles.size(file));
    if (width < 1 || height < 1 || width * height > believable) {
      throw new PalimpsestException(
          "%s claims %s x %s pixels in %s bytes: it is damaged or harmful."
              .formatted(file, width, height, InputFiles.size(file)));
    }
  }

  private static void requireOneImage(int images, Path file) {
    if (images != 1) {
      throw new PalimpsestException(
          "%s holds %s images, and it is not known which are meant. Save each as a file of its own."
              .formatted(file, images));
    }
  }

  /** For colours that a palette does not have, tools show different ones. */
  private static void requireColours(BufferedImage image, int colours, Path file) {
    if (!(image.getColorModel() instanceof IndexColorModel)) {
      return;
    }
    Raster raster = image.getRaster();
    int greatest =
        Arrays.stream(
                raster.getSamples(0, 0, raster.getWidth(), raster.getHeight(), 0, (int[]) null))
            .max()
            .orElse(0);
    if (greatest >= colours) {
      throw new PalimpsestException(
          "%s has pixels of colour %s; its palette has %s colours, of which the first is 0. Save it as a grey or colour image."
              .formatted(file, greatest, colours));
    }
  }

  /** Tools show a GIF image on its screen, whose other pixels are not in the file. */
  private static void requireWholeScreen(ImageReader reader, Path file) throws IOException {
    Element screen =
        descriptor(reader.getStreamMetadata(), "gif_stream", "LogicalScreenDescriptor");
    Element image = descriptor(reader.getImageMetadata(0), "gif_image", "ImageDescriptor");
    boolean whole =
        image.getAttribute("imageLeftPosition").equals("0")
            && image.getAttribute("imageTopPosition").equals("0")
            && image.getAttribute("imageWidth").equals(screen.getAttribute("logicalScreenWidth"))
            && image.getAttribute("imageHeight").equals(screen.getAttribute("logicalScreenHeight"));
    if (!whole) {
      throw new PalimpsestException(
          "%s is a GIF image that fills only a part of its screen (%s x %s pixels at %s, %s of %s x %s), of which tools make different images. Save it as PNG."
              .formatted(
                  file,
                  image.getAttribute("imageWidth"),
                  image.getAttribute("imageHeight"),
                  image.getAttribute("imageLeftPosition"),
                  image.getAttribute("imageTopPosition"),
                  screen.getAttribute("logicalScreenWidth"),
                  screen.getAttribute("logicalScreenHeight")));
    }
  }

  private static Element descriptor(IIOMetadata metadata, String format, String name) {
    Element root = (Element) metadata.getAsTree("javax_imageio_" + format + "_1.0");
    return (Element) root.getElementsByTagName(name).item(0);
  }

  /** The JDK gives unsigned numbers of 32 bits as if they had a sign. */
  private static Picture withSamples(Picture picture, TiffTags.TiffSamples samples) {
    double[] own = picture.values().clone();
    for (int i = 0; i < own.length && samples.isUnsigned(Integer.SIZE); i++) {
      own[i] += own[i] < 0 ? 0x1p32 : 0;
    }
    return new Picture(
        picture.channels(),
        picture.height(),
        picture.width(),
        own,
        samples.greatest(picture.greatest()));
  }

  private static Picture of(BufferedImage image, Path file, Reading reading) {
    ColorModel colours = image.getColorModel();
    if (colours instanceof IndexColorModel) {
      return ofPalette(image);
    }
    Raster raster = image.getRaster();
    int bands = reading.bands(image);
    if (bands != 1 && bands != 3 && !(bands == 4 && colours.hasAlpha())) {
      throw new PalimpsestException(
          "%s has %s channels; grey and colour images are read.".formatted(file, bands));
    }
    int size = image.getWidth() * image.getHeight();
    double[] values = new double[bands * size];
    double[] row = new double[image.getWidth()];
    for (int band = 0; band < bands; band++) {
      for (int y = 0; y < image.getHeight(); y++) {
        raster.getSamples(raster.getMinX(), raster.getMinY() + y, row.length, 1, band, row);
        System.arraycopy(row, 0, values, band * size + y * row.length, row.length);
      }
    }
    return new Picture(bands, image.getHeight(), image.getWidth(), values, greatest(raster));
  }

  private static OptionalDouble greatest(Raster raster) {
    int type = raster.getDataBuffer().getDataType();
    boolean floating = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
    int bits = raster.getSampleModel().getSampleSize(0);
    return floating ? OptionalDouble.empty() : OptionalDouble.of((double) (1L << bits) - 1);
  }

  private static Picture ofPalette(BufferedImage image) {
    int size = image.getWidth() * image.getHeight();
    double[] values = new double[3 * size];
    for (int i = 0; i < size; i++) {
      int colour = image.getRGB(i % image.getWidth(), i / image.getWidth());
      for (int channel = 0; channel < 3; channel++) {
        values[channel * size + i] = colour >> (16 - 8 * channel) & 0xff;
      }
    }
    return new Picture(3, image.getHeight(), image.getWidth(), values, OptionalDouble.of(255))
        .greyIfEqual();
  }

  private static Picture ofPalette(BufferedImage image, TiffTags.TiffPalette palette) {
    int size = image.getWidth() * image.getHeight();
    double[] values = new double[3 * size];
    Raster raster = image.getRaster();
    for (int i = 0; i < size; i++) {
      int index = raster.getSample(i % image.getWidth(), i / image.getWidth(), 0);
      for (int channel = 0; channel < 3; channel++) {
        values[channel * size + i] = palette.colour(index, channel);
      }
    }
    return new Picture(
            3,
            image.getHeight(),
            image.getWidth(),
            values,
            OptionalDouble.of(TiffTags.TiffPalette.GREATEST))
        .greyIfEqual();
  }
}
