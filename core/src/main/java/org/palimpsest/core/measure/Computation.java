package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.representation.Representation;

/**
 * How a measure computes: each representation is prepared once, prepared ones are compared many
 * times. Of two networks with L layers each, that is 2L preparations and L² comparisons.
 *
 * <p>Implementations are immutable and safe to use from several threads: the engine prepares layers
 * and compares blocks of them on all cores.
 *
 * @param <P> what its preparation makes
 */
public interface Computation<P extends Prepared> {

  /** What is done to each representation once. Measures of equal preparations share the results. */
  Preparation<P> preparation();

  /**
   * Compares two prepared representations.
   *
   * @param a made by an equal {@linkplain #preparation() preparation}
   * @param b of the same samples in the same order; may be of another width
   * @return a score with direction and range of the measure, without {@linkplain #cautions
   *     cautions}
   * @throws PalimpsestException if they do not come from the same samples, or are too few for this
   *     measure; it names both layers
   */
  Score compare(P a, P b);

  /**
   * Compares each row of a table with each column; entry (i, j) is row i's. A measure that is
   * faster on all layers together overrides this, and asks the table for what other measures may
   * need too.
   *
   * @throws PalimpsestException as {@link #compare}
   */
  default List<List<Score>> compareAll(LayerTable<P> layers) {
    List<List<Score>> scores = new ArrayList<>();
    for (P row : layers.rows()) {
      scores.add(layers.columns().stream().map(column -> compare(row, column)).toList());
    }
    return scores;
  }

  /** Compares each of {@code rows} with each of {@code columns}; entry (i, j) is row i's. */
  default List<List<Score>> compareAll(List<P> rows, List<P> columns) {
    return compareAll(LayerTable.of(rows, columns));
  }

  /**
   * Why a value that {@link #compare} gave says little of these two, beyond what it warns of
   * itself: such as that unrelated layers have much the same value. Whole sentences; none where it
   * says enough. Tables ask for it once for each score, which resampling does not.
   */
  default List<String> cautions(P a, P b, Score score) {
    return List.of();
  }

  /**
   * Prepared layers of one network beside those of another, all of the same samples, of which each
   * row is compared with each column. What measures need of all of them together, such as the
   * products of all pairs, is made once and handed to every measure that asks for it: one wide
   * matrix product instead of many narrow ones, and one instead of one for each measure. For one
   * thread.
   *
   * @param <P> what was made of each layer
   * @see Computation#compareAll(LayerTable)
   */
  final class LayerTable<P extends Prepared> {

    /**
     * Something made of all layers of a table. Equal needs give equal results: implementations are
     * value types, such as records.
     *
     * @param <P> what was made of each layer
     * @param <T> what is made of all
     */
    @FunctionalInterface
    public interface Need<P extends Prepared, T> {

      /**
       * Makes it.
       *
       * @throws org.palimpsest.core.PalimpsestException if the layers do not come from the same
       *     samples
       */
      T make(List<P> rows, List<P> columns);
    }

    private final List<P> rows;
    private final List<P> columns;
    private final Map<Need<P, ?>, Object> made = new HashMap<>();

    private LayerTable(List<P> rows, List<P> columns) {
      this.rows = List.copyOf(rows);
      this.columns = List.copyOf(columns);
    }

    /** Each of {@code rows} beside each of {@code columns}. */
    public static <P extends Prepared> LayerTable<P> of(List<P> rows, List<P> columns) {
      return new LayerTable<>(rows, columns);
    }

    /** The layers of the first network. */
    public List<P> rows() {
      return rows;
    }

    /** The layers of the second network. */
    public List<P> columns() {
      return columns;
    }

    /**
     * What is made of all layers; the first who asks for it has it made, and whoever asks with an
     * equal need gets the same object.
     *
     * @param need what is wanted; a value type whose {@code equals} tells needs apart
     * @return what it made; shared, so that nobody may change it
     * @throws org.palimpsest.core.PalimpsestException as {@link Need#make}
     */
    @SuppressWarnings("unchecked") // a need's value was made by an equal need
    public <T> T get(Need<P, T> need) {
      return (T) made.computeIfAbsent(need, any -> need.make(rows, columns));
    }
  }

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
  interface Preparation<P extends Prepared> {

    /**
     * Makes one representation ready.
     *
     * @param representation n × p, finite; not changed, and not kept unless the result needs it
     * @return what a comparison needs of it
     * @throws org.palimpsest.core.PalimpsestException if the measure cannot tell anything of it,
     *     for instance because no feature varies, naming the layer; the comparison then has the
     *     reason in place of each score of that layer, and goes on
     */
    P prepare(Representation representation);

    /**
     * How what it makes is put aside when a study of many checkpoints outgrows memory; good only
     * for the version of the library that wrote it. What has none stays in memory.
     */
    default Optional<PreparedFormat<P>> format() {
      return Optional.empty();
    }
  }
}
