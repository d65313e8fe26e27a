package org.palimpsest.reproduction.phantom;

/** Sizes in volumes, from those in images. */
final class Ball {

  private Ball() {}

  /**
   * The radius of what fills as much of a volume as a disc fills of an image. With the disc's own
   * radius, structures would all but vanish in a volume.
   *
   * @param ofDisc as a share of an axis
   * @param extents two axes, which leave the radius as it is, or three
   */
  static double radius(double ofDisc, int... extents) {
    return extents.length == 2 ? ofDisc : Math.cbrt(0.75 * ofDisc * ofDisc);
  }
}
