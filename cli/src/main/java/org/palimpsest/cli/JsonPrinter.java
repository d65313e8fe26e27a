package org.palimpsest.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;

/** Prints maps and lists as JSON. */
final class JsonPrinter {

  private JsonPrinter() {}

  static void print(Object value, PrintWriter out) throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    out.print(mapper.writeValueAsString(value));
    out.println();
  }
}
