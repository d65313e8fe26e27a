package org.palimpsest.internal.text;

import java.util.Collection;
import java.util.List;
import org.palimpsest.core.internal.text.Suggestions;

/** Names in a message. */
public final class Names {

  private static final int MOST_KNOWN = 12;

  private Names() {}

  /** The first of them with commas, and how many more there are: {@code a, b and 3 more}. */
  public static String shortened(List<String> names, int most) {
    int more = names.size() - most;
    return more > 0
        ? "%s and %s more".formatted(String.join(", ", names.subList(0, most)), more)
        : String.join(", ", names);
  }

  /**
   * The shortest ends of two paths that tell them apart: the names of files where these differ,
   * else from the last folder on that does, without what follows alike in both.
   *
   * @return of the first and of the second; the paths' last parts if they are the same
   */
  public static List<String> apart(String one, String other) {
    String[] first = one.split("[/\\\\]+", -1);
    String[] second = other.split("[/\\\\]+", -1);
    int shorter = Math.min(first.length, second.length);
    int alike = 0;
    while (alike < shorter
        && first[first.length - 1 - alike].equals(second[second.length - 1 - alike])) {
      alike++;
    }
    return List.of(end(first, alike), end(second, alike));
  }

  /** The last part, after the one before so many that are alike. */
  private static String end(String[] parts, int alike) {
    String name = parts[parts.length - 1];
    if (alike == 0 || alike >= parts.length) {
      return name;
    }
    return parts[parts.length - 1 - alike] + (alike > 1 ? "/…/" : "/") + name;
  }

  /**
   * What is known in the place of a name that is not, as the end of a sentence: {@code a, b and c
   * are}. All of a few, of more those that are nearest.
   */
  public static String known(String name, Collection<String> known) {
    List<String> all = known.stream().distinct().toList();
    if (all.size() > MOST_KNOWN) {
      return "%s and %s others are"
          .formatted(
              String.join(", ", Suggestions.nearest(name, all)),
              all.size() - Suggestions.nearest(name, all).size());
    }
    int last = all.size() - 1;
    return last < 1
        ? String.join("", all) + " is"
        : "%s and %s are".formatted(String.join(", ", all.subList(0, last)), all.get(last));
  }

  /** The known names nearest to one that is not known, nearest first, at most five. */
  public static List<String> nearest(String name, Collection<String> known) {
    return Suggestions.nearest(name, known);
  }

  /** The known names of which one that is not known is most likely a slip, at most two. */
  public static List<String> slips(String name, Collection<String> known) {
    return Suggestions.slips(name, known);
  }
}
