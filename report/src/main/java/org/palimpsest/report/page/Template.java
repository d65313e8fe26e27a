package org.palimpsest.report.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text with gaps such as {@code {{title}}}. What fills a gap is not searched for gaps again. */
final class Template {

  private static final Pattern GAP = Pattern.compile("\\{\\{([a-zA-Z]+)}}");

  private final String text;

  private Template(String text) {
    this.text = text;
  }

  /** A resource of this package. */
  static Template load(String name) {
    return new Template(resource(name));
  }

  /** The text of a resource, its path relative to this package or absolute. */
  static String resource(String path) {
    try (InputStream in = Template.class.getResourceAsStream(path)) {
      byte[] bytes = Objects.requireNonNull(in, path + " is not on the class path").readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Without these sections of the page, nor links to them. */
  Template without(Set<String> sections) {
    String rest = text;
    for (String section : sections) {
      rest =
          rest.replaceAll("(?s)<section id=\"" + section + "\">.*?</section>\\s*", "")
              .replaceAll("<a href=\"#" + section + "\">[^<]*</a>\\s*", "");
    }
    return new Template(rest);
  }

  String filled(Map<String, String> parts) {
    return GAP.matcher(text)
        .replaceAll(
            gap -> {
              String name = gap.group(1);
              return Matcher.quoteReplacement(
                  Objects.requireNonNull(parts.get(name), "nothing for " + name));
            });
  }
}
