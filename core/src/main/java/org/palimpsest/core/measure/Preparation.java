package org.palimpsest.core.measure;

import org.palimpsest.core.representation.Representation;

/**
 * The part of a comparison that looks at one representation alone.
 *
 * <p>Equal preparations give equal results, so measures that share one (CCA and PWCCA, say) share
 * its cost: implementations are value types, such as records.
 *
 * @param <P> what it makes
 */
@FunctionalInterface
public interface Preparation<P extends Prepared> {

  /**
   * Makes one representation ready.
   *
   * @throws org.palimpsest.core.PalimpsestException if the measure cannot tell anything of it, for
   *     instance because no feature varies
   */
  P prepare(Representation representation);
}
