package org.palimpsest.core.evolution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.palimpsest.core.evolution.StudyJournal.LayerGrids;
import org.palimpsest.core.representation.FeatureMaps.Grid;

class StudyJournalTest {

  private final StudyJournal journal = StudyJournal.inMemory();

  @Test
  void whatIsKeptIsKnown() {
    Measurement.Key key = new Measurement.Key("context", "a", "enc1", "b", "enc1", "linear_cka");
    LayerGrids layers = new LayerGrids(Map.of("enc1", Grid.of(4, 4)));
    assertThat(journal.outcome(key)).isEmpty();
    assertThat(journal.structure("a")).isEmpty();
    journal.keep(key, Measurement.of(0.5, 8));
    journal.keep("a", layers);

    assertThat(journal.outcome(key)).contains(Measurement.of(0.5, 8));
    assertThat(journal.structure("a")).contains(layers);
  }

  /** As a journal in a folder keeps them. */
  @Test
  void cautionsOfTwoRunsOfANetworkAreBothKept() {
    assertThat(journal.cautions("a")).isEmpty();
    journal.keepCautions("a", List.of());
    assertThat(journal.cautions("a")).contains(List.of());
    journal.keepCautions("a", List.of("random", "quantised"));
    journal.keepCautions("a", List.of("depends on the batch", "random"));
    assertThat(journal.cautions("a"))
        .contains(List.of("random", "quantised", "depends on the batch"));
  }
}
