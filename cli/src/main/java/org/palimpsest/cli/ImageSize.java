package org.palimpsest.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Height and width of an image in pixels, written {@code 128x128}. */
record ImageSize(int height, int width) {

  private static final Pattern FORM = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

  static final class Converter implements ITypeConverter<ImageSize> {
    @Override
    public ImageSize convert(String text) {
      Matcher parts = FORM.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException("'" + text + "' is no height and width such as 128x96");
      }
      return new ImageSize(Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)));
    }
  }
}
