package org.palimpsest.core.measure;

import java.util.Optional;
import org.palimpsest.core.representation.Representation;

/**
 * The part of a comparison that looks at one representation alone.
 *
 * <p>Equal preparations give equal results, so measures that share one (CCA and PWCCA, say) share
 * its cost: implementations are value types, such as records, whose components are the settings.
 * They are immutable and safe to use from several threads.
 *
 * <pre>{@code
 * record RowMeans() implements Preparation<Means> {
 *   public Means prepare(Representation layer) {
 *     return new Means(layer.info(), layer.matrix().mean(1).toDoubleVector());
 *   }
 * }
 * }</pre>
 *
 * @param <P> what it makes
 */
@FunctionalInterface
public interface Preparation<P extends Prepared> {

  /**
   * Makes one representation ready.
   *
   * @param representation n × p, finite; not changed, and not kept unless the result needs it
   * @return what a comparison needs of it
   * @throws org.palimpsest.core.PalimpsestException if the measure cannot tell anything of it, for
   *     instance because no feature varies, naming the layer; the comparison then has the reason in
   *     place of each score of that layer, and goes on
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
