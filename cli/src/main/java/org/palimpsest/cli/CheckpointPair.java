package org.palimpsest.cli;

import java.util.List;
import org.palimpsest.core.PalimpsestException;
import org.palimpsest.core.evolution.TrainingRun.RunStep;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Two checkpoints, written {@code random/seed0@0,random/seed0@400}. */
final class CheckpointPair implements ITypeConverter<RunStep.Pair> {

  @Override
  public RunStep.Pair convert(String text) {
    List<String> names = List.of(text.split(",", -1));
    if (names.size() != 2) {
      throw new TypeConversionException("'" + text + "' is no pair such as RUN@STEP,RUN@STEP");
    }
    try {
      return new RunStep.Pair(RunStep.parse(names.get(0)), RunStep.parse(names.get(1)));
    } catch (PalimpsestException noName) {
      throw new TypeConversionException(String.valueOf(noName.getMessage()));
    }
  }
}
