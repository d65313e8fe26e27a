package org.palimpsest.internal.text;

/**
 * Texts that others wrote, such as the names of layers, as they may be shown: nothing in them can
 * steer a terminal, begin a line, hide, or turn the text beside it around.
 *
 * <p>Control characters, line breaks, invisible characters, those that set the direction of text,
 * and halves of surrogate pairs become what JSON writes for them, such as <code>&#92;u001b</code>.
 */
public final class VisibleText {

  private VisibleText() {}

  /** The text as one line. What is visible already is given back as it is. */
  public static String of(String text) {
    return shown(text, false);
  }

  /** The text with its line breaks and tabs. */
  public static String ofLines(String text) {
    return shown(text, true);
  }

  private static String shown(String text, boolean keepLines) {
    if (text.codePoints().allMatch(c -> isShown(c, keepLines))) {
      return text;
    }
    StringBuilder visible = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              if (isShown(c, keepLines)) {
                visible.appendCodePoint(c);
              } else {
                appendEscaped(c, visible);
              }
            });
    return visible.toString();
  }

  private static boolean isShown(int character, boolean keepLines) {
    if (keepLines && (character == '\n' || character == '\t')) {
      return true;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }

  private static void appendEscaped(int character, StringBuilder text) {
    for (char unit : Character.toChars(character)) {
      text.append("\\u").append(Integer.toHexString(0x10000 | unit), 1, 5);
    }
  }
}
