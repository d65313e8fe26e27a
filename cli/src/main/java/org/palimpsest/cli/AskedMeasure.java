package org.palimpsest.cli;

import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.similarity.Measures;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** A measure beside the words in which it was asked for, which the result repeats. */
record AskedMeasure(String words, Measure<?> measure) {

  static List<AskedMeasure> parseAll(List<String> names, CommandSpec command) {
    return names.stream().distinct().map(name -> parse(name, command)).toList();
  }

  private static AskedMeasure parse(String name, CommandSpec command) {
    try {
      return new AskedMeasure(name, Measures.parse(name));
    } catch (PalimpsestException unknown) {
      throw new ParameterException(
          command.commandLine(), String.valueOf(unknown.getMessage()), unknown);
    }
  }
}
