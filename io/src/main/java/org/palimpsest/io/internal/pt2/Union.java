package org.palimpsest.io.internal.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.internal.text.VisibleText;

/**
 * A value of one of several kinds. Old schemas write all kinds, those that it is not of as null;
 * new ones write the one.
 *
 * @param kind such as {@code as_tensor}
 */
record Union(String kind, JsonNode value) {

  static final String NONE = "as_none";

  private static final int LONGEST_SHOWN = 200;

  static Union of(JsonNode node, String where) {
    if (!node.isObject()) {
      throw new PalimpsestException(where + " is damaged: no value of a known kind.");
    }
    Union found = null;
    for (Iterator<Map.Entry<String, JsonNode>> all = node.fields(); all.hasNext(); ) {
      Map.Entry<String, JsonNode> one = all.next();
      if (!one.getValue().isNull()) {
        if (found != null) {
          throw new PalimpsestException(
              "%s is damaged: one value is of the kinds %s and %s."
                  .formatted(where, shown(found.kind()), shown(one.getKey())));
        }
        found = new Union(one.getKey(), one.getValue());
      }
    }
    return found == null ? new Union(NONE, node) : found;
  }

  /** A text of the file as it may stand in a message or a table: in one line, and not endless. */
  static String shown(String text) {
    return inOneLine(text, LONGEST_SHOWN);
  }

  /** A text as one line of at most so many characters and a mark that it went on. */
  static String inOneLine(String text, int longest) {
    String begin = text.length() > longest ? text.substring(0, longest) + "…" : text;
    return VisibleText.of(begin);
  }

  boolean is(String other) {
    return kind.equals(other);
  }
}
