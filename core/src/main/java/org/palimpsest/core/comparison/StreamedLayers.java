package org.palimpsest.core.comparison;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.measure.Score;
import org.palimpsest.core.representation.Representation;

/**
 * Layers of two networks of which sums over samples are kept, and not the samples, so that memory
 * depends on the layers' widths and not on the number of samples. Implementations are for one
 * thread.
 */
public interface StreamedLayers {

  /** One way to keep sums. */
  interface Kind {

    /**
     * Makes sure that the sums are all that a measure needs.
     *
     * @throws org.palimpsest.core.PalimpsestException if it needs more, saying which measures do
     *     not
     */
    void requireEnoughFor(Measure<?> measure);

    /**
     * Whether batches had better come with the values of each feature one after the other in memory
     * (order 'f'), as networks give them. Others are laid out samples first.
     */
    default boolean readsFeaturesFirst() {
      return false;
    }

    /** Sums over no samples yet. */
    StreamedLayers begin();

    /**
     * Reads what {@link StreamedLayers#write} wrote, to the last byte of it and no further.
     *
     * @throws org.palimpsest.core.PalimpsestException if it is not that, or damaged
     */
    StreamedLayers read(InputStream in) throws IOException;
  }

  /**
   * Adds a batch of samples.
   *
   * @param a the first network's layers, the same in the same order each time
   * @param b the second's; row i of both comes from the same sample
   * @throws org.palimpsest.core.PalimpsestException if layers or numbers of samples do not fit, or
   *     a value is not finite; then nothing was added
   */
  void add(List<Representation> a, List<Representation> b);

  /**
   * Compares two layers by what was added so far, and says why the value may say little.
   *
   * @param measure one for which the sums are {@linkplain Kind#requireEnoughFor enough}
   * @param a index of the first network's layer
   * @param b index of the second network's layer
   * @throws org.palimpsest.core.PalimpsestException if the measure cannot tell anything of them,
   *     such as of a layer that is constant
   */
  Score score(Measure<?> measure, int a, int b);

  /**
   * Adds what others have gathered of other samples of the same layers.
   *
   * @param others of the same kind; not changed
   * @throws org.palimpsest.core.PalimpsestException if kinds or layers differ; then nothing was
   *     added
   */
  void merge(StreamedLayers others);

  /** Writes all of it; the stream is flushed and left open. */
  void write(OutputStream out) throws IOException;
}
