package org.palimpsest.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.palimpsest.core.measure.Measure;
import org.palimpsest.core.representation.Representation;
import org.palimpsest.similarity.Measures;
import org.palimpsest.similarity.streaming.CoMoments;
import org.palimpsest.similarity.streaming.CoMoments.Pairs;
import org.palimpsest.similarity.streaming.CoMoments.Precision;

/**
 * How much memory a process takes that gathers eight pairs of layers of 512 channels at once, over
 * 262,144 positions, and compares them.
 */
public final class StreamedMemory {

  private static final int PAIRS = 8;
  private static final int CHANNELS = 512;
  private static final int POSITIONS = 262_144;
  private static final List<String> MEASURES =
      List.of("linear_cka", "debiased_linear_cka", "svcca:0.99", "pwcca", "procrustes_angular");

  private StreamedMemory() {}

  /**
   * @param arguments the precision of products, and the number of positions of a batch
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("Usage: benchmarks/run --memory float32|float64 POSITIONS_OF_A_BATCH");
      System.exit(2);
    }
    Precision precision = Precision.valueOf(arguments[0].toUpperCase(Locale.ROOT));
    int rows = Integer.parseInt(arguments[1]);
    INDArray[] memory = new INDArray[2 * PAIRS];
    for (int i = 0; i < memory.length; i++) {
      memory[i] = Nd4j.createUninitialized(DataType.FLOAT, new long[] {rows, CHANNELS}, 'c');
    }
    CoMoments moments = CoMoments.of(Pairs.MATCHED, precision);
    for (int from = 0; from < POSITIONS; from += rows) {
      moments.add(batch(memory, 0), batch(memory, PAIRS));
    }
    for (String name : MEASURES) {
      Measure<?> measure = Measures.parse(name);
      for (int i = 0; i < PAIRS; i++) {
        moments.compare(measure, i, i);
      }
    }
    System.out.println("megabytes " + Worker.peakMegabytes());
  }

  private static List<Representation> batch(INDArray[] memory, int first) {
    List<Representation> layers = new ArrayList<>();
    for (int i = first; i < first + PAIRS; i++) {
      Nd4j.rand(memory[i]);
      layers.add(Streamed.layer("layer" + i, memory[i]));
    }
    return layers;
  }
}
