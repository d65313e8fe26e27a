package org.palimpsest.io.internal.torchscript;

/**
 * How deeply code is nested, line after line. Libtorch's parser and compiler recurse into brackets,
 * into chains such as {@code a.b.c}, {@code a + b + c} and {@code not not a}, into blocks, and
 * through {@code elif}; so do the readers of types here.
 */
final class ScriptDepth {

  private static final int MOST_BRACKETS = 200;
  private static final int MOST_INDENTATION = 2 * MOST_BRACKETS;
  private static final int MOST_WORDS = 500;
  private static final int MOST_BRANCHES = 200;

  /** What is bounded, as a message says it. */
  static final String BOUNDS =
      "%d brackets within each other, %d words and signs without a comma between them, %d elif, and be indented by %d"
          .formatted(MOST_BRACKETS, MOST_WORDS, MOST_BRANCHES, MOST_INDENTATION);

  /** For each open bracket, the words and signs in it since the last comma. */
  private final int[] words = new int[MOST_BRACKETS + 2];

  private int brackets;
  private int allWords;
  private int branches;

  /** Takes the next line; false if with it the code is nested too deeply. */
  boolean isBoundedWith(String line) {
    String statement = line.stripLeading();
    if (line.length() - statement.length() > MOST_INDENTATION) {
      return false;
    }
    branches = statement.startsWith("elif ") ? branches + 1 : branches;
    branches = statement.startsWith("def ") ? 0 : branches;
    String masked = ScriptText.maskLiterals(line);
    for (int i = 0; i < masked.length(); i++) {
      boolean within = i > 0 && ScriptText.isNamePart(masked.charAt(i - 1));
      take(masked.charAt(i), within);
      if (brackets > MOST_BRACKETS || allWords > MOST_WORDS || branches > MOST_BRANCHES) {
        return false;
      }
    }
    if (brackets == 0) {
      forgetWords();
    }
    return true;
  }

  private void take(char c, boolean withinName) {
    int change = ScriptText.depthChange(c);
    if (change > 0) {
      count();
      brackets++;
    } else if (change < 0 && brackets > 0) {
      forgetWords();
      brackets--;
    } else if (c == ',') {
      forgetWords();
    } else if (c != ' ' && !(withinName && ScriptText.isNamePart(c))) {
      count();
    }
  }

  private void count() {
    words[brackets]++;
    allWords++;
  }

  private void forgetWords() {
    allWords -= words[brackets];
    words[brackets] = 0;
  }
}
