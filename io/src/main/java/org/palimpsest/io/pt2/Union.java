package org.palimpsest.io.pt2;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.Map;
import org.palimpsest.core.PalimpsestException;

/**
 * A value of one of several kinds. Old schemas write all kinds, those that it is not of as null;
 * new ones write the one.
 *
 * @param kind such as {@code as_tensor}
 */
record Union(String kind, JsonNode value) {

  static final String NONE = "as_none";

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
                  .formatted(where, found.kind(), one.getKey()));
        }
        found = new Union(one.getKey(), one.getValue());
      }
    }
    return found == null ? new Union(NONE, node) : found;
  }

  boolean is(String other) {
    return kind.equals(other);
  }
}
