package org.palimpsest.examples.cookbook;

import java.nio.file.Path;
import org.palimpsest.core.activation.ActivationSet;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.comparison.ComparisonResult;
import org.palimpsest.core.comparison.SimilarityMatrix;
import org.palimpsest.io.dump.Dumps;
import org.palimpsest.similarity.cka.Cka;

/** Activations that another tool saved: which layers of two networks are alike? */
public final class CompareDumps {

  private CompareDumps() {}

  /**
   * @param arguments two {@code .npz}, {@code .npy}, HDF5 or safetensors files with one array a
   *     layer, samples first
   */
  public static void main(String[] arguments) {
    ActivationSet a = Dumps.open(Path.of(arguments[0]));
    ActivationSet b = Dumps.open(Path.of(arguments[1]));

    ComparisonResult result = Comparison.by(Cka.linear()).compare(a, b);

    SimilarityMatrix cka = result.matrix("linear_cka");
    for (String row : cka.rowLayers()) {
      for (String column : cka.columnLayers()) {
        System.out.printf("%s  %s  %.3f%n", row, column, cka.value(row, column));
      }
    }
  }
}
