package org.palimpsest.io.internal.torchscript;

import java.util.Arrays;

/**
 * A line of code whose brackets are paired, once and for all, so that finding the other one of a
 * pair takes no search.
 */
final class ScriptLine {

  static final int NOT_FOUND = -1;

  private final String text;
  private final String masked;
  private final int[] partners;

  private ScriptLine(String text, String masked, int[] partners) {
    this.text = text;
    this.masked = masked;
    this.partners = partners;
  }

  static ScriptLine of(String text) {
    String masked = ScriptText.maskLiterals(text);
    int[] partners = new int[masked.length()];
    Arrays.fill(partners, NOT_FOUND);
    int[] open = new int[masked.length()];
    int depth = 0;
    for (int i = 0; i < masked.length(); i++) {
      int change = ScriptText.depthChange(masked.charAt(i));
      if (change > 0) {
        open[depth] = i;
        depth++;
      } else if (change < 0 && depth > 0) {
        depth--;
        partners[i] = open[depth];
        partners[open[depth]] = i;
      }
    }
    return new ScriptLine(text, masked, partners);
  }

  String text() {
    return text;
  }

  /** The text with the content of its string literals blanked out. */
  String masked() {
    return masked;
  }

  char at(int index) {
    return masked.charAt(index);
  }

  int length() {
    return masked.length();
  }

  /** The index of the bracket that closes or opens what the one at this index opens or closes. */
  int partner(int bracket) {
    return partners[bracket];
  }

  /** The index of the first comma outside all brackets, or {@link #NOT_FOUND}. */
  int comma(int from, int to) {
    for (int i = from; i < to; i++) {
      if (masked.charAt(i) == ',') {
        return i;
      }
      if (partners[i] > i) {
        i = partners[i];
      }
    }
    return NOT_FOUND;
  }

  /** The index after the name that begins here. */
  int endOfName(int from, int to) {
    int end = from;
    while (end < to && ScriptText.isNamePart(masked.charAt(end))) {
      end++;
    }
    return end;
  }
}
