package org.palimpsest.spark;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.activation.LayerSelector;
import org.palimpsest.core.evolution.Measurement;
import org.palimpsest.core.evolution.StudyWorkbench;
import org.palimpsest.core.evolution.StudyWorkers.LayerTask;
import org.palimpsest.core.measure.Prepared;
import org.palimpsest.core.measure.Prepared.PreparedShelf;
import org.palimpsest.core.measure.PreparedFormat;
import org.palimpsest.core.probe.Fingerprint;
import org.palimpsest.core.representation.FeatureMaps;
import org.palimpsest.core.representation.FeatureMaps.Grid;
import org.palimpsest.io.study.CheckpointFiles;
import org.palimpsest.similarity.Measures;

class SharedLayersTest {

  /** Of a machine that does not see what others write, or after a damaged file was removed. */
  private static final class EmptyShelf implements PreparedShelf {

    @Override
    public boolean holds(String name) {
      return false;
    }

    @Override
    public <P extends Prepared> void put(String name, P prepared, PreparedFormat<P> format) {
      throw new AssertionError(name);
    }

    @Override
    public void putFailure(String name, String reason) {
      throw new AssertionError(name);
    }

    @Override
    public Optional<String> failure(String name) {
      return Optional.empty();
    }

    @Override
    public <P extends Prepared> P get(String name, PreparedFormat<P> format) {
      throw new AssertionError(name);
    }
  }

  /** An outcome would go into the journal and stay there. */
  @Test
  void aLayerThatIsNotThereIsNoOutcomeOfTheComparison() {
    StudyWorkbench bench =
        StudyWorkbench.sharing(
            new StudyWorkbench.Questions(
                new KnownProbes(8, Fingerprint.unknown()),
                LayerSelector.all(),
                FeatureMaps.positions(),
                List.of(Measures.parse("linear_cka"))),
            new StudyWorkbench.Tools(
                new CheckpointFiles(), Optional.empty(), List.of(), 1 << 20, 1 << 20),
            new EmptyShelf());
    LayerTask task =
        new LayerTask(
            new Measurement.Key("test", "a", "enc1", "b", "enc1", "linear_cka"), Grid.point());

    assertThatThrownBy(() -> bench.compare(task))
        .hasMessageContainingAll("enc1 was prepared and cannot be found", "all machines see");
  }
}
