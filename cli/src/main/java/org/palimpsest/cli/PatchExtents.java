package org.palimpsest.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The extents of a patch in voxels, written {@code 32,64,64}, or {@code 64,64} of slices. */
record PatchExtents(List<Integer> extents) {

  private static final Pattern FORM = Pattern.compile("[1-9]\\d{0,4}(,[1-9]\\d{0,4}){1,2}");

  static final class Converter implements ITypeConverter<PatchExtents> {
    @Override
    public PatchExtents convert(String text) {
      if (!FORM.matcher(text).matches()) {
        throw new TypeConversionException(
            "'"
                + text
                + "' is no size of a patch such as 32,64,64 or, of slices, 64,64: extents are from"
                + " 1 to 99999");
      }
      return new PatchExtents(Stream.of(text.split(",")).map(Integer::valueOf).toList());
    }
  }
}
