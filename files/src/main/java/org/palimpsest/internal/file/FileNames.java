package org.palimpsest.internal.file;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Names of files that are made of names of layers, measures and runs, which may be any text. */
public final class FileNames {

  private static final int LONGEST = 180;

  private FileNames() {}

  /** Of any text a name, without an ending, that every file system takes. */
  public static String plain(String text) {
    String name = text.replaceAll("[^A-Za-z0-9._=-]", "-");
    return name.substring(0, Math.min(LONGEST, name.length()));
  }

  /**
   * A plain name for each text, in their order. Where several would have one name, or names that
   * differ in their case alone, the later ones get numbers.
   */
  public static List<String> distinct(List<String> texts) {
    Set<String> taken = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (String text : texts) {
      String plain = plain(text);
      String name = plain;
      for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
        name = plain + "-" + i;
      }
      names.add(name);
    }
    return names;
  }
}
