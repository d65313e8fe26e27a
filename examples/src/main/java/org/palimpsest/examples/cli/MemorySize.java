package org.palimpsest.examples.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes, written like {@code 512m} or {@code 4g}. */
record MemorySize(long bytes) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})([kmgt])b?");
  private static final String UNITS = "kmgt";
  private static final int BITS_PER_UNIT = 10;

  /** Reads it from the command line. */
  static final class Converter implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String text) {
      Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
      if (!form.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is no amount of memory: write 512m or 4g");
      }
      int unit = UNITS.indexOf(form.group(2)) + 1;
      long bytes = Long.parseLong(form.group(1)) << (unit * BITS_PER_UNIT);
      if (bytes < MemoryShares.LEAST) {
        throw new TypeConversionException(
            "'%s' is too little: Java and the libraries alone need about %d MB, so at least %d m"
                .formatted(text, MemoryShares.BASE >> 20, MemoryShares.LEAST >> 20));
      }
      return new MemorySize(bytes);
    }
  }
}
