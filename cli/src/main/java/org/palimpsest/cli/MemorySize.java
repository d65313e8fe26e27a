package org.palimpsest.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An amount of memory, written {@code 800M} or {@code 1.5G}. */
record MemorySize(long bytes) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,7}(?:\\.\\d{1,3})?)([KMGT])B?");
  private static final String UNITS = "KMGT";
  private static final long KILOBYTE = 1024;

  static MemorySize parse(String text) {
    Matcher parts = FORM.matcher(text.toUpperCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new TypeConversionException("'" + text + "' is no size such as 800M or 1.5G");
    }
    double bytes = Double.parseDouble(parts.group(1));
    for (int i = 0; i <= UNITS.indexOf(parts.group(2)); i++) {
      bytes *= KILOBYTE;
    }
    return new MemorySize(Math.max(1, (long) bytes));
  }

  static final class Converter implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String text) {
      return parse(text);
    }
  }
}
