package org.palimpsest.reproduction.images;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.palimpsest.core.PalimpsestException;

/**
 * A task on a user's own images: square patches of them, at random places.
 *
 * <p>The last third of the images is held out; of the others, a few are learned from that the seed
 * of training chooses.
 *
 * @param folder no part of a recipe, since the content tells all: image files, each with a mask:
 *     {@code 00.png} and {@code 00_mask.png}
 * @param content a hash of all files, by which a changed folder is another task
 * @param patch rows and columns of a patch
 * @param trainingImages how many images the training patches are cut from, at most
 * @param seed decides the places in held-out images
 * @param trainingSeed decides the places in images to learn from, and which images they are
 */
public record FolderTask(
    @JsonIgnore String folder,
    String content,
    int patch,
    int trainingImages,
    long seed,
    long trainingSeed)
    implements SegmentationTask {

  private static final int TRIES = 20;

  /**
   * Looks at a folder.
   *
   * @throws PalimpsestException if it holds fewer than three pairs of images and masks
   */
  public static FolderTask of(Path folder, int patch, int trainingImages, long seed) {
    List<Path> images = ImageFolder.images(folder);
    if (images.size() < 3) {
      throw new PalimpsestException(
          "%s holds %s pairs of images and masks; at least 3 are needed, since some are held out."
              .formatted(folder, images.size()));
    }
    return new FolderTask(folder.toString(), hash(images), patch, trainingImages, seed, seed);
  }

  @Override
  public FolderTask withTraining(long other) {
    return new FolderTask(folder, content, patch, trainingImages, seed, other);
  }

  @Override
  public List<Integer> extents() {
    return List.of(patch, patch);
  }

  @Override
  public String describe() {
    return "patches of the images in " + Path.of(folder).getFileName();
  }

  @Override
  public List<LabelledImage> draw(Split split, int count) {
    List<LabelledImage> images = filesOf(split).stream().map(ImageFolder::read).toList();
    if (images.stream().allMatch(image -> isEmpty(image.mask()))) {
      throw new PalimpsestException(
          "Nothing is marked in the masks of %s: what belongs to the structure is brighter than half, such as 255 where 0 is the rest; class numbers 0 and 1 are both dark."
              .formatted(filesOf(split)));
    }
    long decides = split == Split.TRAINING ? trainingSeed : seed;
    Random random = new Random(decides * 31 + split.ordinal());
    List<LabelledImage> patches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      patches.add(cut(images.get(i % images.size()), random));
    }
    return patches;
  }

  private List<Path> filesOf(Split split) {
    List<Path> all = ImageFolder.images(Path.of(folder));
    int kept = all.size() - Math.max(1, all.size() / 3);
    if (split != Split.TRAINING) {
      return all.subList(kept, all.size());
    }
    List<Path> learned = new ArrayList<>(all.subList(0, kept));
    Collections.shuffle(learned, new Random(trainingSeed));
    return learned.subList(0, Math.min(kept, trainingImages));
  }

  /** Looks for a place where there is something to find, but not for ever. */
  private LabelledImage cut(LabelledImage image, Random random) {
    int rows = image.image().extents()[0];
    int columns = image.image().extents()[1];
    if (rows < patch || columns < patch) {
      throw new PalimpsestException(
          "An image of %s is %s×%s; patches of %s×%s do not fit."
              .formatted(folder, rows, columns, patch, patch));
    }
    LabelledImage cut = image;
    for (int attempt = 0; attempt < TRIES; attempt++) {
      int top = random.nextInt(rows - patch + 1);
      int left = random.nextInt(columns - patch + 1);
      cut =
          new LabelledImage(
              crop(image.image(), top, left).standardised(), crop(image.mask(), top, left));
      if (!isEmpty(cut.mask())) {
        return cut;
      }
    }
    return cut;
  }

  private static boolean isEmpty(Raster mask) {
    for (int i = 0; i < mask.size(); i++) {
      if (mask.get(i) > 0) {
        return false;
      }
    }
    return true;
  }

  private Raster crop(Raster whole, int top, int left) {
    int columns = whole.extents()[1];
    Raster part = Raster.zeros(patch, patch);
    for (int i = 0; i < part.size(); i++) {
      part.set(i, whole.get((top + i / patch) * columns + left + i % patch));
    }
    return part;
  }

  private static String hash(List<Path> images) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path image : images) {
        for (Path file : Arrays.asList(image, ImageFolder.maskOf(image))) {
          digest.update(Files.readAllBytes(file));
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java runtime has SHA-256", impossible);
    } catch (IOException failure) {
      throw new PalimpsestException("An image cannot be read: " + failure, failure);
    }
  }
}
