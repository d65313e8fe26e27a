package org.palimpsest.similarity.internal.intervals;

import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.internal.linalg.CentredLayer;

/** One layer, as {@link HsicByImages} needs it. */
public sealed interface ImageSide permits GaussianByImages, KernelByImages, LinearByImages {

  /** Up to here the products of all pairs of images are kept. */
  int MOST_IN_PAIRS = 1024;

  Representation.Info info();

  HsicByImages with(ImageSide other);

  /** With itself. */
  HsicByImages self();

  /** The alignment, if neither's own term is nothing. */
  default JackknifeValues alignedWith(ImageSide other) {
    return with(other).over(self(), other.self());
  }

  /** About how many seconds of one core the alignment takes, if much more than the score did. */
  default double secondsBeside(ImageSide other) {
    return 0;
  }

  /** How many images the layer's spread is worth. */
  EffectiveImages effectiveImages();

  /** A typical product of two rows, squared. */
  double scale();

  /** The same with products in float64. */
  default ImageSide inFloat64() {
    return this;
  }

  /** The same with products in float32 where that is faster. */
  default ImageSide inFloat32() {
    return this;
  }

  default boolean isFloat64() {
    return true;
  }

  /** With the linear kernel. */
  static ImageSide linear(CentredLayer layer) {
    Representation.Info info = layer.info();
    return info.rowsPerProbe() == 1 && info.samples() <= MOST_IN_PAIRS
        ? KernelByImages.ofGram(layer)
        : LinearByImages.of(layer);
  }

  /**
   * The debiased alignment of two layers, and its values without each image.
   *
   * @throws org.palimpsest.core.PalimpsestException if nothing of a layer is left after debiasing
   */
  static JackknifeValues alignment(ImageSide a, ImageSide b) {
    a.info().requireSameSamples(b.info());
    for (ImageSide side : new ImageSide[] {a, b}) {
      if (!side.self().isPositive(side.scale())) {
        throw HsicByImages.nothingLeft(side.info());
      }
    }
    JackknifeValues jackknife = a.alignedWith(b);
    boolean near = jackknife.value() > 1 - NEAR_ONE;
    return near && !(a.isFloat64() && b.isFloat64())
        ? alignment(a.inFloat64(), b.inFloat64())
        : jackknife;
  }

  /** From here to equal layers the rounding of float32 products may decide. */
  double NEAR_ONE = 1e-3;
}
