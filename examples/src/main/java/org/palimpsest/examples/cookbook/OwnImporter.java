package org.palimpsest.examples.cookbook;

import java.util.Map;
import java.util.function.Consumer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.palimpsest.core.Provenance;
import org.palimpsest.core.activation.ActivationSource;
import org.palimpsest.core.activation.ActivationSource.ActivationBatch;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.comparison.Comparison;
import org.palimpsest.core.probe.Probes;
import org.palimpsest.core.progress.Progress;
import org.palimpsest.similarity.cka.Cka;

/**
 * A network that no importer of the library knows: a class that shows it the probes, and hands on
 * what its layers answer, makes it one like any other.
 */
public final class OwnImporter implements ActivationSource {

  private static final int FEATURES = 8;

  private final String name;
  private final INDArray weights;

  private OwnImporter(String name, INDArray weights) {
    this.name = name;
    this.weights = weights;
  }

  public static void main(String[] arguments) {
    Probes probes = Probes.of(Nd4j.rand(DataType.FLOAT, 100, FEATURES));
    try (OwnImporter a = new OwnImporter("a", Nd4j.randn(DataType.FLOAT, FEATURES, 5));
        OwnImporter b = new OwnImporter("b", Nd4j.randn(DataType.FLOAT, FEATURES, 7))) {
      Comparison.by(Cka.linear())
          .compare(a.capture(probes), b.capture(probes))
          .rows()
          .forEach(row -> System.out.printf("%s %.3f%n", row.layerA(), row.score().value()));
    }
  }

  @Override
  public void run(
      Probes probes, LayerSelector layers, Progress progress, Consumer<ActivationBatch> receiver) {
    INDArray inputs = probes.batch(0, probes.count()); // a large network takes them in batches
    INDArray hidden = Transforms.relu(inputs.mmul(weights));
    receiver.accept(new ActivationBatch(0, Map.of("hidden", hidden)));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Provenance provenance() {
    return Provenance.inMemory(name);
  }

  @Override
  public void close() {}
}
