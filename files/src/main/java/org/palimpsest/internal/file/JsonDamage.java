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
import org.jspecify.annotations.Nullable;

/** What is wrong with JSON, for those who wrote it by hand or cut it off. */
public final class JsonDamage {

  private static final String EARLY = "it ends too early";
  private static final String NOT_UTF8 = "it is not in UTF-8";
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
      return NOT_UTF8;
    }
    return String.valueOf(failure.getMessage());
  }

  private static String inWords(JsonProcessingException damage, String told) {
    JsonLocation at = damage.getLocation();
    if (damage instanceof JsonEOFException) {
      return at(EARLY, at);
    }
    if (damage instanceof StreamConstraintsException) {
      return at("it is nested deeper, or holds longer texts or numbers, than is read", at);
    }
    return damage instanceof MismatchedInputException
        ? at("something follows its end", at)
        : inWords(told, at == null ? 0 : at.getLineNr(), at == null ? 0 : at.getColumnNr());
  }

  private static String at(String what, @Nullable JsonLocation place) {
    return place == null ? what : what + ", in line " + place.getLineNr();
  }

  private static String inWords(String told, int line, int column) {
    Matcher twice = TWICE.matcher(told);
    if (twice.find()) {
      return "it says '%s' twice, in line %s".formatted(twice.group(1), line);
    }
    if (told.startsWith("Invalid UTF-8")) {
      return NOT_UTF8 + ", in line " + line;
    }
    return told.startsWith("Unexpected end-of-input")
        ? EARLY + ", in line " + line
        : "it breaks the rules of JSON in line %s, column %s".formatted(line, column);
  }
}
