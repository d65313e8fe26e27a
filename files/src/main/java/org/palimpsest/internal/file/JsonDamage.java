package org.palimpsest.internal.file;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with JSON, for those who wrote it by hand or cut it off. */
public final class JsonDamage {

  private static final Pattern TWICE =
      Pattern.compile("Duplicate \\w+ (?:property )?['\"](.*)['\"]");

  private JsonDamage() {}

  /**
   * What a failure to read it comes to, after a colon: "it ends too early, in line 3".
   *
   * @param failure what Jackson threw, or the file system
   */
  public static String inWords(IOException failure) {
    if (failure instanceof JsonProcessingException damage) {
      return inWords(damage, String.valueOf(damage.getOriginalMessage()));
    }
    if (failure instanceof CharConversionException || failure instanceof CharacterCodingException) {
      return "it is not in UTF-8";
    }
    return String.valueOf(failure.getMessage());
  }

  private static String inWords(JsonProcessingException damage, String told) {
    JsonLocation at = damage.getLocation();
    String line = at == null ? "" : ", in line " + at.getLineNr();
    Matcher twice = TWICE.matcher(told);
    if (twice.find()) {
      return "it says '%s' twice%s".formatted(twice.group(1), line);
    }
    if (damage instanceof JsonEOFException || told.startsWith("Unexpected end-of-input")) {
      return "it ends too early" + line;
    }
    if (damage instanceof StreamConstraintsException) {
      return "it is nested deeper, or holds longer texts or numbers, than is read" + line;
    }
    if (damage instanceof MismatchedInputException) {
      return "something follows its end" + line;
    }
    return at == null
        ? "it breaks the rules of JSON"
        : "it breaks the rules of JSON in line %d, column %d"
            .formatted(at.getLineNr(), at.getColumnNr());
  }
}
