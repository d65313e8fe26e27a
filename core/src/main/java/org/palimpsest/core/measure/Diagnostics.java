package org.palimpsest.core.measure;

import java.util.ArrayList;
import java.util.List;

/**
 * What a reader should know beside the value of a score: on how many samples it rests, what rank
 * the layers were found to have, and why the value may mean less than it seems.
 *
 * <p>Warnings come from two places. A measure itself tells what it met while it computed, such as
 * features that never vary; {@link Computation#cautions} adds what follows from the numbers of
 * samples and features, such as that unrelated layers would have much the same value. Immutable.
 *
 * @param samples n, the number of rows that were compared; with positions as samples that is
 *     positions of all probes, which are not independent of each other
 * @param rankA the rank, or number of components, kept of the first representation; -1 if the
 *     measure has no such notion
 * @param rankB the same for the second
 * @param warnings why the value may mean less than it seems, in whole sentences
 */
public record Diagnostics(long samples, int rankA, int rankB, List<String> warnings) {

  private static final int NO_RANK = -1;

  public Diagnostics {
    warnings = List.copyOf(warnings);
  }

  /** Without ranks and warnings. */
  public static Diagnostics of(long samples) {
    return new Diagnostics(samples, NO_RANK, NO_RANK, List.of());
  }

  /** The same with the ranks of both representations. */
  public Diagnostics withRanks(int ofA, int ofB) {
    return new Diagnostics(samples, ofA, ofB, warnings);
  }

  /** The same with one more warning. */
  public Diagnostics withWarning(String warning) {
    List<String> more = new ArrayList<>(warnings);
    more.add(warning);
    return new Diagnostics(samples, rankA, rankB, more);
  }

  /** Whether the measure has a notion of rank. */
  public boolean hasRanks() {
    return rankA != NO_RANK;
  }
}
