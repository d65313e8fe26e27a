package org.palimpsest.report.page;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.util.JsonGeneratorDelegate;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;
import org.palimpsest.internal.text.VisibleText;

/**
 * JSON that may stand inside a page: no text in it can end the element or begin another, and all
 * are as {@link VisibleText} shows them.
 */
final class SafeJson {

  /** What is written. */
  @FunctionalInterface
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static final MathContext DIGITS = new MathContext(5);
  private static final int LAST_ASCII = 126;
  private static final JsonFactory FACTORY = new JsonFactory();

  private SafeJson() {}

  static String of(Content content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new VisibleStrings(FACTORY.createGenerator(text))) {
      json.setCharacterEscapes(new MarkupEscapes());
      json.setHighestNonEscapedChar(LAST_ASCII);
      content.writeTo(json);
    } catch (IOException impossible) {
      throw new UncheckedIOException("a text in memory can be written", impossible);
    }
    return text.toString();
  }

  /** Five digits of it; null for what is no number. */
  static void number(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(new BigDecimal(value).round(DIGITS).stripTrailingZeros().toString());
    } else {
      json.writeNull();
    }
  }

  private static final class VisibleStrings extends JsonGeneratorDelegate {

    VisibleStrings(JsonGenerator json) {
      super(json);
    }

    @Override
    public void writeString(String text) throws IOException {
      super.writeString(VisibleText.of(text));
    }
  }

  private static final class MarkupEscapes extends CharacterEscapes {

    private static final long serialVersionUID = 1;
    private static final int[] ESCAPES = CharacterEscapes.standardAsciiEscapesForJSON();

    static {
      for (char markup : new char[] {'<', '>', '&', '\''}) {
        ESCAPES[markup] = CharacterEscapes.ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ESCAPES.clone();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
      return null;
    }
  }
}
