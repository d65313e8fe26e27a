package org.palimpsest.similarity.rsa;

import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.core.representation.RepresentationInfo;
import org.palimpsest.similarity.internal.linalg.Basis;
import org.palimpsest.similarity.internal.linalg.Centring;
import org.palimpsest.similarity.internal.linalg.RankTolerance;
import org.palimpsest.similarity.internal.pairwise.SampleRows;

/**
 * Points whose euclidean distances are the Mahalanobis distances of a layer's samples: an
 * orthonormal basis of its centred features, times √(n − 1).
 */
final class Whitening {

  private Whitening() {}

  static SampleRows of(Representation representation) {
    RepresentationInfo info = representation.info();
    Basis basis = Centring.ofFeatures().prepare(representation).axes(RankTolerance.automatic());
    if (basis.rank() >= info.samples() - 1) {
      throw new PalimpsestException(
          "The %d samples of layer '%s' (%d features) differ from their mean in %d independent ways, so that their Mahalanobis distances are all equal. Use more samples than features, or another distance."
              .formatted(info.samples(), info.layer(), info.features(), basis.rank()));
    }
    return SampleRows.of(info, basis.vectors()).dividedBy(1 / Math.sqrt(info.samples() - 1.0));
  }
}
