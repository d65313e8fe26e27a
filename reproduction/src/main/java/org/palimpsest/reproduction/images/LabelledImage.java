package org.palimpsest.reproduction.images;

/**
 * An image and what is to be found in it.
 *
 * @param image standardised: mean 0, standard deviation 1
 * @param mask on the same grid, 1 where the sought structure is and 0 elsewhere
 */
public record LabelledImage(Raster image, Raster mask) {

  /** Both mirrored along one axis. */
  public LabelledImage flipped(int axis) {
    return new LabelledImage(image.flipped(axis), mask.flipped(axis));
  }
}
