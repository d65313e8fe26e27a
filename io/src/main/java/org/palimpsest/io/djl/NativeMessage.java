package org.palimpsest.io.djl;

import java.util.List;
import java.util.regex.Pattern;

/** Boils libtorch's long traces down to the sentence that says what was wrong. */
final class NativeMessage {

  private static final Pattern ERROR_CLASS =
      Pattern.compile("^(?:builtins\\.)?+\\w+(?:Error|Exception): ?+");
  private static final Pattern SOURCE =
      Pattern.compile("^(?:File \"|Traceback|\\.\\.\\. |~|<--- HERE).*+");
  private static final Pattern RAISED_AT = Pattern.compile(" ?+\\(?+Exception raised from.*+");
  private static final int LONGEST = 400;

  private NativeMessage() {}

  private static String withoutEnd(String message) {
    int end = message.length();
    while (end > 0 && " :\t".indexOf(message.charAt(end - 1)) >= 0) {
      end--;
    }
    return message.substring(0, end);
  }

  static String of(Throwable failure) {
    String whole = String.valueOf(failure.getMessage());
    List<String> lines = whole.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
    String chosen = lines.isEmpty() ? failure.toString() : lines.get(0);
    for (String line : lines) {
      if (ERROR_CLASS.matcher(line).find()) {
        chosen = ERROR_CLASS.matcher(line).replaceFirst("");
      }
    }
    if (chosen.isEmpty() || SOURCE.matcher(chosen).matches()) {
      chosen = lines.isEmpty() ? failure.toString() : lines.get(lines.size() - 1);
    }
    String clean = withoutEnd(RAISED_AT.matcher(chosen).replaceFirst(""));
    return clean.length() > LONGEST ? clean.substring(0, LONGEST) + " …" : clean;
  }
}
