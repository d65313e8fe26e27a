package org.palimpsest.io.fuzz;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Words that tell a programmer which library failed and a user nothing: they have no place in a
 * refusal, which says what is wrong with the file and what to do.
 */
final class LibraryWords {

  private static final Pattern WORDS =
      Pattern.compile(
          String.join(
              "|",
              "\\b(?:[a-z]\\w*\\.)+[A-Z]\\w*(?:Exception|Error)\\b", // of any class
              "\\b(?:javax?|sun|com\\.fasterxml|io\\.jhdf)(?:\\.[a-z]\\w*)+\\.[A-Z]\\w*",
              "Cannot invoke \"|because \"<?[a-z]|out of bounds for|For input string|Input length =",
              "No enum constant|cannot be cast|(?<!\"): null\\b|(?<!') \\(null\\)|\\[L?[A-Z];@|@[0-9a-f]{6,}\\b",
              "Unexpected character|Unexpected end|was expecting|Unrecognized (?:token|field)",
              "onnxruntime_src|Trailing token|Duplicate field|Cannot (?:de)?(?:serialize|construct)|START_OBJECT"));

  private LibraryWords() {}

  /** The first of them in a message. */
  static Optional<String> in(String message) {
    Matcher found = WORDS.matcher(message);
    return found.find() ? Optional.of(found.group()) : Optional.empty();
  }
}
