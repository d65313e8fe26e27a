package org.palimpsest.core.internal.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Finds the known names that a mistyped one was most likely meant to be, for messages that say what
 * to write instead: names of layers, measures, files and options. Distances are Levenshtein's, the
 * least number of letters to insert, remove or change, without regard to case. Cost: for each known
 * name the product of both lengths.
 */
public final class Suggestions {

  private static final int MOST = 5;
  private static final int MOST_SLIPS = 2;
  private static final int LEAST_OF_A_NAME = 4;

  private Suggestions() {}

  /**
   * The known names nearest to {@code name}, without regard to case: those that contain it, then
   * the others, each by edit distance, nearest first, at most five.
   *
   * @param name the name that was not found
   * @param known the names there are
   * @return at most five of them
   */
  public static List<String> nearest(String name, Collection<String> known) {
    String wanted = name.toLowerCase(Locale.ROOT);
    return known.stream()
        .distinct()
        .sorted(
            Comparator.comparing((String k) -> !k.toLowerCase(Locale.ROOT).contains(wanted))
                .thenComparingInt(k -> distance(wanted, k.toLowerCase(Locale.ROOT))))
        .limit(MOST)
        .toList();
  }

  /**
   * The known names of which {@code name} is most likely a slip: those that differ in at most a
   * third of its letters, and those of which one begins with the other, nearest first.
   *
   * @param name the name that was not found
   * @param known the names there are
   * @return at most two of them; none if none is near
   */
  public static List<String> slips(String name, Collection<String> known) {
    String wanted = name.toLowerCase(Locale.ROOT);
    int most = Math.max(1, name.length() / 3);
    return nearest(name, known).stream()
        .filter(k -> distance(wanted, k.toLowerCase(Locale.ROOT)) <= most || isCutOff(wanted, k))
        .limit(MOST_SLIPS)
        .toList();
  }

  private static boolean isCutOff(String wanted, String known) {
    String name = known.toLowerCase(Locale.ROOT);
    int shorter = Math.min(name.length(), wanted.length());
    return shorter >= LEAST_OF_A_NAME && (name.startsWith(wanted) || wanted.startsWith(name));
  }

  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int edit = Math.min(previous[j] + 1, current[j - 1] + 1);
        current[j] = Math.min(edit, previous[j - 1] + change);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
