package org.palimpsest.core.measure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Prepared layers of one network beside those of another, all of the same samples, of which each
 * row is compared with each column. What measures need of all of them together, such as the
 * products of all pairs, is made once and handed to every measure that asks for it: one wide matrix
 * product instead of many narrow ones, and one instead of one for each measure. For one thread.
 *
 * @param <P> what was made of each layer
 * @see Computation#compareAll(LayerTable)
 */
public final class LayerTable<P extends Prepared> {

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
