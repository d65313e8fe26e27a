package org.palimpsest.cli;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** One of a few words, in small letters where the code has constants. */
record Choice<E extends Enum<E>>(Class<E> constants) implements ITypeConverter<E> {

  @Override
  public E convert(String word) {
    return Stream.of(constants.getEnumConstants())
        .filter(constant -> word(constant).equals(word.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () -> new TypeConversionException("'%s' is none of %s".formatted(word, all())));
  }

  private String all() {
    return Stream.of(constants.getEnumConstants())
        .map(Choice::word)
        .collect(Collectors.joining(", "));
  }

  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
