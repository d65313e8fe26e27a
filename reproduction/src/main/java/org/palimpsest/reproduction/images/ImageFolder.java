package org.palimpsest.reproduction.images;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.palimpsest.core.PalimpsestException;

/**
 * A folder of images and masks: beside {@code NAME.png} lies {@code NAME_mask.png}, in which all
 * that is brighter than half belongs to the sought structure. Colour images are read as grey, also
 * those with a palette; transparency counts for nothing.
 */
final class ImageFolder {

  private static final String MASK = "_mask.png";
  private static final String IMAGE = ".png";

  private ImageFolder() {}

  /** The image files of a folder, sorted; each has a mask. */
  static List<Path> images(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new PalimpsestException(folder + ": there is no such folder of images.");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> images =
          entries
              .filter(entry -> nameOf(entry).endsWith(IMAGE) && !nameOf(entry).endsWith(MASK))
              .filter(entry -> Files.exists(maskOf(entry)))
              .sorted()
              .toList();
      if (images.isEmpty()) {
        throw new PalimpsestException(
            folder + " holds no pairs of images and masks, such as 00.png and 00_mask.png.");
      }
      return images;
    } catch (IOException failure) {
      throw new PalimpsestException(folder + " cannot be listed: " + failure, failure);
    }
  }

  static Path maskOf(Path image) {
    String name = nameOf(image);
    return image.resolveSibling(name.substring(0, name.length() - IMAGE.length()) + MASK);
  }

  /** Reads an image, standardised as a whole, and its mask. */
  static LabelledImage read(Path image) {
    Path maskFile = maskOf(image);
    Raster grey = grey(image);
    Raster bright = grey(maskFile);
    if (!Arrays.equals(grey.extents(), bright.extents())) {
      throw new PalimpsestException("%s and %s differ in size.".formatted(image, nameOf(maskFile)));
    }
    Raster mask = Raster.zeros(bright.extents());
    for (int i = 0; i < mask.size(); i++) {
      mask.set(i, bright.get(i) > 0.5f ? 1 : 0);
    }
    return new LabelledImage(grey.standardised(), mask);
  }

  private static Raster grey(Path file) {
    BufferedImage image = inColours(decode(file));
    WritableRaster samples = image.getRaster();
    int bands = image.getColorModel().getNumColorComponents();
    double full = (1L << image.getSampleModel().getSampleSize(0)) - 1;
    Raster grey = Raster.zeros(image.getHeight(), image.getWidth());
    for (int i = 0; i < grey.size(); i++) {
      double sum = 0;
      for (int band = 0; band < bands; band++) {
        sum += samples.getSample(i % image.getWidth(), i / image.getWidth(), band);
      }
      grey.set(i, sum / bands / full);
    }
    return grey;
  }

  /** Of a palette, whose samples are numbers of colours. */
  private static BufferedImage inColours(BufferedImage image) {
    if (!(image.getColorModel() instanceof IndexColorModel palette)) {
      return image;
    }
    return palette.convertToIntDiscrete(image.getRaster(), true);
  }

  private static BufferedImage decode(Path file) {
    try {
      BufferedImage image = ImageIO.read(file.toFile());
      if (image == null) {
        throw new PalimpsestException(file + " is not an image that can be read.");
      }
      return image;
    } catch (IOException | IndexOutOfBoundsException | IllegalArgumentException failure) {
      throw new PalimpsestException(file + " cannot be read: " + failure.getMessage(), failure);
    }
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }
}
