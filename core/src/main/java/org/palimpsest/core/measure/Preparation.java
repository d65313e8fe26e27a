package org.palimpsest.core.measure;

import java.util.Optional;
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

  /**
   * How what it makes is put aside when a study of many checkpoints outgrows memory; good only for
   * the version of the library that wrote it. What has none stays in memory.
   */
  default Optional<PreparedFormat<P>> format() {
    return Optional.empty();
  }
}
